/* How far an application has got, for whoever has its number and code: three stations, what the
 * last one means, and what to do now, which is nothing, nearly always. Words for people: a job's
 * states, tries and problems are the operator's business. */
#include "pages.h"

static const eb_standing_t *standing_of(const eb_job_t *job)
{
    return job->more;
}

static const struct {
    const char *look; /* of the alert */
    int reached;      /* stations */
    eb_text_id_t title, text;
} states[] = {
    [EB_STANDING_RECEIVED] = {"info", 1, EB_T_ST_RECEIVED_TITLE, EB_T_ST_RECEIVED},
    [EB_STANDING_LATE] = {"warning", 1, EB_T_ST_LATE_TITLE, EB_T_ST_LATE},
    [EB_STANDING_PROBLEM] = {"warning", 1, EB_T_ST_PROBLEM_TITLE, EB_T_ST_PROBLEM},
    [EB_STANDING_ASTRAY] = {"warning", 2, EB_T_ST_ASTRAY_TITLE, EB_T_ST_ASTRAY},
    [EB_STANDING_HANDED] = {"info", 2, EB_T_ST_HANDED_TITLE, EB_T_ST_HANDED},
    [EB_STANDING_ARRIVED] = {"success", 3, EB_T_ST_ARRIVED_TITLE, EB_T_ST_ARRIVED},
};

static void fill_look(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, states[standing_of(job)->state].look);
}

static void fill_state_title(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, eb_job_text(job, states[standing_of(job)->state].title));
}

static void fill_state_text(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, eb_job_text(job, states[standing_of(job)->state].text));
}

static void fill_case(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, standing_of(job)->number);
}

/* The time of the station that was reached last, and of the first. What has changed last of one
 * gone astray is that somebody noticed. */
static void draw_station(eb_buf_t *out, eb_job_t *job, int station, eb_text_id_t label)
{
    const eb_standing_t *s = job->more;
    int reached = states[s->state].reached;

    eb_buf_puts(out, "<li class='ez-entry'><span class='kern-body kern-body--bold'>");
    eb_buf_html(out, eb_job_text(job, label));
    eb_buf_puts(out, "</span> <span class='kern-body'>");
    if (station > reached)
        eb_buf_html(out, eb_job_text(job, EB_T_ST_NOT_YET));
    else if (station == 1 || (station == reached && s->state != EB_STANDING_ASTRAY))
        eb_time_draw(out, job, station == 1 ? s->accepted : s->changed);
    else
        eb_buf_html(out, eb_job_text(job, EB_T_ST_DONE));
    eb_buf_puts(out, "</span></li>");
}

static void draw_answer(eb_buf_t *out, eb_job_t *job, const eb_answer_t *answer)
{
    eb_buf_puts(out, "<li class='ez-entry'><span class='kern-body kern-body--bold'>");
    eb_buf_html(out,
                eb_job_text(job, answer->receipt ? EB_T_ST_ANSWER_RECEIPT : EB_T_ST_ANSWER_LETTER));
    eb_buf_puts(out, "</span> <span class='kern-body'>");
    eb_time_draw(out, job, answer->at);
    eb_buf_puts(out, "</span></li>");
}

static void fill_stations(eb_buf_t *out, eb_job_t *job)
{
    const eb_standing_t *s = job->more;

    draw_station(out, job, 1, EB_T_ST_STATION_RECEIVED);
    draw_station(out, job, 2, EB_T_ST_STATION_HANDED);
    draw_station(out, job, 3, EB_T_ST_STATION_ARRIVED);
    for (int i = 0; i < s->answers_count; i++)
        draw_answer(out, job, &s->answers[i]);
}

/* What we cannot say: with a letter, what is in it. */
static void fill_again(eb_buf_t *out, eb_job_t *job)
{
    const eb_standing_t *s = job->more;
    bool letter = false;

    for (int i = 0; i < s->answers_count; i++)
        letter = letter || !s->answers[i].receipt;
    eb_buf_html(out, eb_job_text(job, letter ? EB_T_ST_ANSWER_AGAIN : EB_T_STANDING_AGAIN));
}

static const eb_name_t names[] = {{"look", .fill = fill_look},
                                  {"state_title", .fill = fill_state_title},
                                  {"state_text", .fill = fill_state_text},
                                  {"case", .fill = fill_case},
                                  {"stations", .fill = fill_stations},
                                  {"again", .fill = fill_again},
                                  {.name = NULL}};

const eb_layout_t eb_layout_ask = {
    "{shell_top}{errors}<h1 class='kern-heading-large'>{title}</h1>"
    "<p class='kern-body'>{STANDING_TEXT}</p>"
    "<form method='post' action='{base}/status' novalidate='novalidate' accept-charset='utf-8'>"
    "<div class='ez-fields'>{fields}</div><div class='ez-buttons'>"
    "<button class='kern-btn kern-btn--primary' type='submit' name='" EB_BUTTON_NEXT "' value='1'>"
    "<span class='kern-label'>{STANDING_GO}</span></button></div></form>"
    "<p class='kern-body'><a class='kern-link' href='{base}/'>{TO_START}</a></p>{shell_end}",
    eb_field_names};

const eb_layout_t eb_layout_standing = {
    "{shell_top}<div class='kern-hgroup'><p class='kern-preline' "
    "translate='no'><bdi>{case}</bdi></p>"
    "<h1 class='kern-heading-large'>{title}</h1></div>"
    "<div class='kern-alert kern-alert--{look}'><div class='kern-alert__header'>"
    "<span class='kern-icon kern-icon--{look}' aria-hidden='true'></span>"
    "<h2 class='kern-title'>{state_title}</h2></div>"
    "<div class='kern-alert__body'><p class='kern-body'>{state_text}</p></div></div>"
    "<ol class='ez-entries'>{stations}</ol>{receiver}"
    "<p class='kern-body'>{again}</p>"
    "<p class='kern-body ez-screen'>"
    "<a class='kern-link' href='{base}/status'>{STANDING_OTHER}</a></p>"
    "{shell_end}",
    names};

void eb_page_ask(eb_buf_t *out, const eb_view_t *v, const char *number, const char *code)
{
    const eb_field_t fields[] = {
        {EB_FIELD_NUMBER, EB_T_STANDING_NUMBER, EB_T_STANDING_NUMBER_HINT, number, true},
        {EB_FIELD_CODE, EB_T_STANDING_CODE, EB_T_STANDING_CODE_HINT, code, true}};
    eb_job_t job = eb_job(v, eb_view_text(v, EB_T_STANDING_TITLE));
    job.fields = fields;
    job.fields_count = 2;
    eb_draw(out, &job, EB_L_ask);
}

void eb_page_standing(eb_buf_t *out, const eb_view_t *v, const eb_standing_t *standing)
{
    eb_standing_t shown = *standing;
    eb_job_t job = eb_job(v, eb_view_text(v, EB_T_STANDING_TITLE));
    job.more = &shown;
    eb_draw(out, &job, EB_L_standing);
}

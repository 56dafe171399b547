/* The module record, and nothing else: each topic registers its own hooks, in the file that serves
 * them. The record is exported by hand because everything is compiled with hidden visibility. */
#include "hooks.h"

extern module AP_MODULE_DECLARE_DATA einbuergerung_module __attribute__((visibility("default")));

static void register_hooks(apr_pool_t *p)
{
    (void)p;
    eb_startup_hooks();
    eb_child_hooks();
    eb_ticker_hooks();
    eb_asset_hooks();
    eb_route_hooks();
    eb_callback_hooks();
    eb_status_hooks();
}

AP_DECLARE_MODULE(einbuergerung) = {
    STANDARD20_MODULE_STUFF, eb_location_create, eb_location_merge, eb_server_create,
    eb_server_merge,         eb_directives,      register_hooks,
#ifdef AP_MODULE_FLAG_NONE
    AP_MODULE_FLAG_NONE,
#endif
};

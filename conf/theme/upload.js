/* Uploads without leaving the page. Pages work without this file: it sends every chosen file at
 * once, one after another, to the same address as the form, shows how far each is, and then puts
 * the page that the server answers in place of this one. Whatever it says comes from the page (data-
 * attributes of the form), whatever it draws from the page's template. */
(() => {
  'use strict';

  const HEAD = 4096; // bytes that tell what a file is
  const queue = []; // files that wait, are on their way, or were cut off
  let errors = []; // { param, text } of this round, from the server or found here
  let fresh = null; // the server's last page
  let current = null; // the file on its way

  const form = () => document.getElementById('ez-hochladen');
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
  const text = (name, values = {}) => fill(form().dataset[name], values);
  /* The forms a language has for numbers, in gettext's order, which is that of CLDR's categories. */
  const plural = (name, count) => {
    const rules = new Intl.PluralRules(document.documentElement.lang), forms = form().dataset[name].split('|');
    const known = ['zero', 'one', 'two', 'few', 'many', 'other'].filter((c) => rules.resolvedOptions().pluralCategories.includes(c));
    return forms[Math.min(known.indexOf(rules.select(count)), forms.length - 1)];
  };
  const part = (name) =>
    document.getElementById('ez-teile').content.querySelector(`[data-part=${name}]`).cloneNode(true);
  const input = (param, doc = document) => doc.getElementById(param);
  const block = (param, doc = document) => input(param, doc)?.closest('.ez-upload');
  const say = (sentence) => { document.getElementById('ez-stand').textContent = sentence; };
  const label = (param) => {
    const own = block(param).querySelector('legend').cloneNode(true);
    own.querySelector('.kern-label__optional')?.remove();
    const name = own.textContent.trim();
    return name + (name.endsWith('?') ? ' ' : ': ');
  };

  /* ---- choosing ---- */

  function known(file, param) {
    const name = file.name.toLowerCase();
    return input(param).accept.split(',').some((s) => s.startsWith('.') && name.endsWith(s));
  }

  // Of a file that is none of ours only the beginning is sent: enough for the server to say what to do instead.
  function choose(param, files) {
    if (!current) errors = [];
    for (const file of files) {
      const content = known(file, param) ? file : file.slice(0, HEAD);
      if (content.size > Number(form().dataset.max))
        errors.push({ param, text: text('refused', { file: file.name, why: text('tooLarge') }) });
      else queue.push({ file, content, param, state: 'waits', sent: 0 });
    }
    draw();
    next();
  }

  /* ---- sending ---- */

  function request(method, body, job) {
    return new Promise((resolve) => {
      const xhr = new XMLHttpRequest();
      xhr.open(method, form().getAttribute('action'));
      xhr.upload.onprogress = (e) => progress(job, e.loaded / e.total);
      xhr.onload = () => resolve(new DOMParser().parseFromString(xhr.responseText, 'text/html'));
      xhr.onerror = xhr.onabort = () => resolve(null);
      xhr.send(body);
    });
  }

  // Everything typed goes along, so that the answer has it, too. The ticket is the form's first field.
  function body(job) {
    const data = new FormData(form());
    for (const other of form().querySelectorAll('input[type=file][name]')) data.delete(other.name);
    data.append(job.param, job.content, job.file.name);
    data.append('_hochladen', '1');
    return data;
  }

  // Was it stored, and only the answer lost?
  const arrived = (job, doc) => [...block(job.param, doc).querySelectorAll('li.ez-file')]
    .some((row) => Number(row.dataset.size) === job.file.size && row.querySelector('bdi').textContent === job.file.name);

  async function send(job) {
    job.state = 'sending';
    job.sent = 0;
    draw();
    if (job.again) {
      const page = await request('GET', null, job);
      if (!page || !take(page, job) || arrived(job, page)) return page;
    }
    return request('POST', body(job), job);
  }

  // A page without our form says what is wrong, for instance that the store is full.
  function take(page, job) {
    const ticket = page.querySelector('#ez-hochladen [name=_ticket]');
    if (!ticket || !block(job.param, page)) return false;
    form().elements._ticket.value = ticket.value;
    fresh = page;
    return true;
  }

  function collect(page) {
    for (const error of page.querySelectorAll('.ez-upload .ez-errors > .kern-error')) {
      const found = { param: error.parentNode.id.replace(/-fehler$/, ''), text: error.textContent };
      if (!errors.some((e) => e.param === found.param && e.text === found.text)) errors.push(found);
    }
  }

  function fail(job, page) {
    const why = page?.querySelector('main h1')?.textContent;
    Object.assign(job, { state: 'failed', again: true, why: why ?? text('cut') });
    say(text('failed', { file: job.file.name }) + ' ' + job.why);
  }

  async function next() {
    if (current) return;
    current = queue.find((job) => job.state === 'waits') ?? null;
    if (!current) { finish(); return; }
    const job = current;
    const page = await send(job);
    if (page && take(page, job)) {
      const before = errors.length;
      collect(page);
      showStored(page, job.param);
      queue.splice(queue.indexOf(job), 1);
      if (errors.length === before) say(text('done', { file: job.file.name }));
    } else {
      fail(job, page);
    }
    current = null;
    draw();
    next();
  }

  // The list of what is stored, before the whole page follows.
  function showStored(page, param) {
    const list = block(param, page).querySelector('ol.ez-files');
    const old = block(param).querySelector('ol.ez-files');
    if (!list) return;
    if (old) old.replaceWith(document.importNode(list, true));
    else block(param).querySelector('.kern-fieldset__body').prepend(document.importNode(list, true));
  }

  /* ---- drawing ---- */

  function progress(job, share) {
    job.sent = Math.round(share * 100);
    const row = job.row;
    if (!row) return;
    row.querySelector('progress').value = job.sent;
    if (share === 1) row.querySelector('.ez-note').textContent = text('checked');
  }

  function drawRow(job) {
    const row = part('file');
    const failed = job.state === 'failed';
    row.querySelector('bdi').textContent = job.file.name;
    row.querySelector('.ez-note').textContent = failed ? job.why : text(job.state);
    row.querySelector('progress').value = job.sent;
    row.querySelector('progress').setAttribute('aria-label', job.file.name);
    row.querySelector('progress').hidden = failed;
    for (const button of row.querySelectorAll('button')) {
      button.hidden = !failed;
      button.querySelector('.kern-sr-only').textContent = ': ' + job.file.name;
      button.onclick = () => (button.dataset.do === 'again' ? again(job) : drop(job));
    }
    job.row = row;
    return row;
  }

  function draw() {
    for (const list of document.querySelectorAll('.ez-sending')) list.remove();
    for (const job of queue) {
      const files = block(job.param).querySelector('.kern-fieldset__body');
      let list = files.querySelector('.ez-sending');
      if (!list) {
        list = document.createElement('ul');
        list.className = 'ez-files ez-sending';
        list.setAttribute('aria-label', text('list'));
        files.querySelector('.kern-form-input').before(list);
      }
      list.append(drawRow(job));
    }
  }

  function again(job) {
    job.state = 'waits';
    input(job.param).focus();
    if (!current) errors = [];
    next();
  }

  function drop(job) {
    queue.splice(queue.indexOf(job), 1);
    input(job.param).focus();
    draw();
  }

  /* ---- the server's page in place of this one ---- */

  const field = (el) => el.name && !['hidden', 'file', 'submit', 'button'].includes(el.type);
  const isBox = (el) => el.type === 'checkbox' || el.type === 'radio';
  const same = (a, b) => a.name === b.name && (!isBox(a) || a.value === b.value);

  function replace(page) {
    const typed = [...form().elements].filter(field);
    const focus = document.activeElement;
    const caret = focus.selectionStart ?? null;
    document.querySelector('main').replaceChildren(...document.importNode(page.querySelector('main'), true).childNodes);
    document.title = page.title;
    for (const el of form().elements) {
      const old = field(el) && typed.find((o) => same(o, el));
      if (old && isBox(el)) el.checked = old.checked;
      else if (old) el.value = old.value;
    }
    const back = focus.id && document.getElementById(focus.id);
    if (back) back.focus({ preventScroll: true });
    if (back && caret !== null) back.setSelectionRange(caret, caret);
  }

  function finish() {
    if (fresh) replace(fresh);
    fresh = null;
    draw();
    showErrors();
  }

  function mark(param, own) {
    const place = block(param);
    place.classList.toggle('kern-fieldset--error', own.length > 0);
    input(param).classList.toggle('kern-form-input__input--error', own.length > 0);
    if (own.length) input(param).setAttribute('aria-invalid', 'true');
    else input(param).removeAttribute('aria-invalid');
    place.querySelector('.ez-errors').replaceChildren(...own.map((error) => {
      const p = part('error');
      p.lastElementChild.textContent = error.text;
      return p;
    }));
  }

  function item(error) {
    const li = document.createElement('li');
    li.append(part('item').firstElementChild);
    li.firstElementChild.href = '#' + error.param;
    li.querySelector('span').textContent = label(error.param) + error.text;
    return li;
  }

  // What the server says about other questions stays; about files, this round's errors count.
  function otherItems(files) {
    return [...document.querySelectorAll('#fehler li')]
      .filter((li) => !files.some((file) => li.querySelector('a')?.hash === '#' + file.name));
  }

  function showErrors() {
    const files = [...form().querySelectorAll('input[type=file][name]')];
    for (const file of files) mark(file.name, errors.filter((error) => error.param === file.name));
    const items = [...otherItems(files), ...errors.map(item)];
    document.getElementById('fehler')?.remove();
    const prefix = text('prefix');
    if (document.title.startsWith(prefix)) document.title = document.title.slice(prefix.length);
    if (items.length) showSummary(items, prefix);
  }

  function showSummary(items, prefix) {
    const summary = part('summary');
    const title = summary.querySelector('h2');
    summary.id = 'fehler';
    title.id = 'fehler-titel';
    title.textContent = fill(plural('errors', items.length), { count: items.length });
    summary.querySelector('ul').append(...items);
    document.querySelector('main .kern-hgroup').before(summary);
    document.title = prefix + document.title;
    if (!document.activeElement.matches('input[type=text], textarea, select')) summary.focus();
  }

  /* ---- events; they are asked of the document, whose content changes ---- */

  document.addEventListener('change', (e) => {
    const own = e.target.closest('.ez-upload');
    if (!own || e.target.type !== 'file') return;
    const files = [...e.target.files];
    e.target.value = '';
    choose(own.querySelector('input[type=file][name]').name, files);
  });
  document.addEventListener('click', (e) => {
    const photo = e.target.closest('.ez-photo button');
    if (photo) photo.nextElementSibling.click();
  });
  window.addEventListener('beforeunload', (e) => { if (queue.length) e.preventDefault(); });
  document.documentElement.classList.add('ez-script');
})();

// A person at a browser: what every walk through the pages is made of. They know the answers of a fixture, nothing of the engine. Every
// line printed begins with "ok", "not ok", or two spaces and why.
import { createRequire } from 'node:module';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const say = (good, name, detail = []) => {
  console.log(`${good ? 'ok' : 'not ok'} ${name}`);
  for (const line of detail) console.log('  ' + line);
};

// Answers by their path, and the folder with the documents that they name.
export function fixture(root, name) {
  const folder = join(root, 't/message/instances');
  return Object.fromEntries(readFileSync(join(folder, readdirSync(folder).find((f) => f.startsWith(name))), 'utf8').split('\n')
    .filter((l) => l.trim() && !l.startsWith('#'))
    .map((l) => [l.slice(0, l.indexOf('=')).trim(), l.slice(l.indexOf('=') + 1).trim().replaceAll('\\n', '\n')]));
}

export async function open({ base, chromium: executablePath, root }) {
  const require = createRequire(join(root, 'package.json'));
  const browser = await require('playwright-core').chromium.launch({ executablePath, headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'] });
  const form = readFileSync(join(root, 'schemas/forms/einbuergerung.xml'), 'utf8');
  return { browser, base, axe: readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'), first: form.match(/<eb:step id="([^"]+)"/)[1],
    repeats: Object.fromEntries([...form.matchAll(/<eb:step id="([^"]+)"(?:(?!<\/eb:step>)[\s\S])*?<xf:repeat nodeset="([^"]+)"/g)]
      .map((m) => [m[1], m[2]])) };
}

const RULES = JSON.stringify({ resultTypes: ['violations'],
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });

export class Person {
  // Each has a browser of their own: nothing of one is seen by another.
  static async arrive(world, { name, answers = {}, files, cookie, language, ...options }) {
    const home = language ? `/antrag/${language}` : '/antrag';
    const person = Object.assign(new Person(), world, { name, answers, files, home, added: {}, looked: 0, uploads: 0, external: [], complaints: [] });
    person.script = options.javaScriptEnabled !== false;
    person.context = await world.browser.newContext({ locale: 'de-DE', viewport: { width: 1100, height: 900 }, ...options });
    person.context.setDefaultTimeout(120000);
    if (cookie) await person.context.addCookies([{ ...cookie, url: world.base }]);
    await person.window();
    return person;
  }

  async window() {
    const page = await this.context.newPage();
    page.on('request', (r) => { if (!r.url().startsWith(this.base) && !r.url().startsWith('data:')) this.external.push(r.url()); });
    page.on('console', (m) => { if (m.type() === 'error' && !/status of 4\d\d/.test(m.text())) this.complaints.push(m.text()); });
    return this.page = page;
  }

  leave() { return this.context.close(); }
  say(good, what, detail) { say(good, this.name ? `${this.name}, ${what}` : what, detail); }
  where() { return new URL(this.page.url()).pathname; }
  parts() { return this.where().split('/').slice(this.home.split('/').length); }
  go(path) { return this.page.goto(`${this.base}${this.home}/${path}`); }
  // Not by the mouse: under its pointer a page may move, when a font comes late.
  press(selector) { return Promise.all([this.page.waitForNavigation(), this.page.$eval(selector, (e) => e.click())]); }
  tick(selector) { return this.page.$eval(selector, (e) => { if (!e.checked) e.click(); }); }
  next() { return this.press('button[name=_weiter]'); }
  text() { return this.page.textContent('main'); }
  focus() { return this.page.evaluate(() => document.activeElement?.id); }

  // axe is evaluated by the debugger, which the page's policy does not bind; the page itself runs no script.
  async look(what) {
    const session = await this.context.newCDPSession(this.page);
    const { result } = await session.send('Runtime.evaluate', { awaitPromise: true,
      expression: `${this.axe}; axe.run(document, ${RULES}).then((r) => JSON.stringify(r.violations))` });
    await session.detach();
    const violations = JSON.parse(result.value);
    const wide = await this.wide();
    this.looked++;
    this.say(!violations.length && !wide.length, `${what}: ${violations.length} axe violations${wide.length ? ', wider than the window' : ''}`,
      [...violations.flatMap((v) => v.nodes.slice(0, 2).map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary?.split('\n')[1] ?? ''}`)), ...wide]);
  }

  // What is wider than the window, if anything.
  wide() {
    return this.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth <= clientWidth ? [] : [`${scrollWidth} instead of ${clientWidth} px`, ...[...document.querySelectorAll('body *')]
        .filter((e) => e.getBoundingClientRect().right > clientWidth + 1).slice(0, 3).map((e) => `${e.tagName} ${e.className}`)];
    });
  }

  async at(width, look) {
    const before = this.page.viewportSize();
    await this.page.setViewportSize({ width, height: 640 });
    await look();
    await this.page.setViewportSize(before);
  }

  // At 400 % zoom a window of 1280 pixels is one of 320.
  async reflows(what) {
    await this.at(320, async () => {
      const wide = await this.wide();
      if (wide.length) this.say(false, `${what} at 400 % zoom`, wide);
    });
  }

  // Text alone at 200 % (WCAG 2.2, 1.4.4), and with the spacing that 1.4.12 allows a reader: nothing is cut off or out of sight.
  async stretches(what) {
    for (const [how, width, style] of [['text at 200 %', 1280, { 'font-size': 2 }],
      ['wide spacing', 320, { 'line-height': 1.5, 'letter-spacing': 0.12, 'word-spacing': 0.16 }]]) {
      await this.at(width, async () => {
        await this.page.evaluate((times) => {
          const all = [...document.querySelectorAll('body, body *')].map((e) => [e, parseFloat(getComputedStyle(e).fontSize)]);
          for (const [e, size] of all) for (const [name, n] of Object.entries(times)) e.style.setProperty(name, `${n * size}px`, 'important');
        }, style);
        const bad = [...await this.wide(), ...await this.cut()];
        if (bad.length) this.say(false, `${what}, ${how}`, bad);
        await this.page.evaluate(() => document.querySelectorAll('[style]').forEach((e) => e.removeAttribute('style')));
      });
    }
  }

  // What shows less than it holds; not what is hidden from eyes on purpose, and is one pixel large.
  cut() {
    return this.page.evaluate(() => [...document.querySelectorAll('body *')]
      .filter((e) => e.clientHeight > 1 && getComputedStyle(e).overflow !== 'visible' && !e.matches('textarea, select, input')
        && (e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1))
      .slice(0, 3).map((e) => `cut: ${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 60)}`));
  }

  // The Tab key reaches everything that can be used, in the order of the page, and shows where it is.
  async tabs(what) {
    const stops = await this.page.evaluate(() => {
      const all = [...document.querySelectorAll('a[href],button,input,select,textarea,summary')].filter((e) => e.type !== 'hidden' && e.tabIndex >= 0 && e.checkVisibility());
      all.forEach((e, i) => { e.dataset.stop = i; });
      document.activeElement.blur();
      // Of a group of radio buttons one is a stop.
      return all.filter((e) => e.type !== 'radio' || e.checked || !all.some((o) => o.name === e.name && o.checked) && all.find((o) => o.name === e.name) === e)
        .map((e) => e.dataset.stop);
    });
    const met = [], unseen = [];
    for (let i = 0; i < stops.length; i++) {
      await this.page.keyboard.press('Tab');
      const { stop, seen } = await this.page.evaluate(() => {
        const e = document.activeElement;
        const drawn = (s) => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none';
        return { stop: e.dataset.stop, seen: drawn(getComputedStyle(e)) || drawn(getComputedStyle(e, '::after')) };
      });
      met.push(stop);
      if (!seen) unseen.push(await this.page.evaluate(() => document.activeElement.outerHTML.slice(0, 100)));
    }
    const at = met.findIndex((stop, i) => stop !== stops[i]);
    this.say(at < 0 && !unseen.length, `${what}: ${stops.length} stops of the Tab key, in order and seen`,
      at < 0 ? unseen.slice(0, 3) : [`not next: ${await this.page.$eval(`[data-stop="${stops[at]}"]`, (e) => e.outerHTML.slice(0, 200))}`]);
  }

  // The script sends what is chosen at once, one file after another, and shows the page as the server then has it. Without it they go
  // with the rest of the page.
  async upload(id, value) {
    const there = await this.page.locator('ol bdi').allTextContents();
    const names = value.split(' | ').map((f) => f.match(/^datei \d+ (.*)/)?.[1]).filter((name) => name && !there.includes(name));
    if (!names.length) return;
    await this.page.setInputFiles(`[id="${id}"]`, names.map((n) => join(this.files, n)));
    this.uploads += names.length;
    if (!this.script) return;
    await this.page.waitForFunction((want) => want.every((n) => [...document.querySelectorAll('ol bdi')].some((e) => e.textContent === n))
      && !document.querySelector('form progress'), names);
  }

  // What the fixture answers to a control, or undefined.
  answer(path) {
    const part = path.match(/^(.*)\/(tag|monat|jahr)$/);
    if (this.answers[path] !== undefined || !part || !this.answers[part[1]]) return this.answers[path];
    const [jahr, monat = '', tag = ''] = this.answers[part[1]].split('-');
    return { jahr, monat, tag }[part[2]];
  }

  async set(control, path) {
    const value = this.answer(path);
    const at = this.page.locator(`[id="${control.id}"]`);
    const tick = () => this.tick(`[id="${control.id}"]`);
    if (control.type === 'file') { if (/^datei /.test(value ?? '')) await this.upload(control.id, value); }
    else if (path.endsWith('/spaeter')) { if (/(^|\| )spaeter$/.test(this.answers[path.slice(0, -8)] ?? '')) await tick(); }
    else if (value === undefined) return;
    else if (control.type === 'radio') { if (control.value === value) await tick(); }
    else if (control.type === 'checkbox') { if (value.split(' ').includes(control.value) || value === 'true') await tick(); }
    else if (control.type === 'select-one') await at.selectOption(value);
    else await at.fill(value);
  }

  controls() {
    return this.page.$$eval('form[method=post] :is(input,select,textarea)[name]', (all) => all.filter((e) => e.type !== 'hidden')
      .map((e) => ({ name: e.name, type: e.type, value: e.value, id: e.id })));
  }

  // The path of a page's answers: "kinder/kind[2]/" on a page of the second child.
  prefix() {
    const [step, n] = this.parts();
    return n === undefined ? '' : `${this.repeats[step]}[${n}]/`;
  }

  async fill() {
    const controls = await this.controls();
    // What is typed or ticked comes first: it stays on the page while files are sent.
    controls.sort((a, b) => (a.type === 'file') - (b.type === 'file'));
    for (const c of controls) await this.set(c, this.prefix() + c.name.replaceAll('.', '/'));
  }

  entries(step) {
    const number = new RegExp(`^${this.repeats[step]}\\[(\\d+)\\]`);
    return Math.max(0, ...Object.keys(this.answers).map((k) => +(k.match(number)?.[1] ?? 0)));
  }

  // The page of the next entry that is still to be added, from the list of a repeated step.
  another() {
    const [step, n] = this.parts();
    if (!this.repeats[step] || n !== undefined || (this.added[step] ??= 0) >= this.entries(step)) return undefined;
    return `${step}/${++this.added[step]}`;
  }

  async send() {
    await this.next();
    const alert = await this.page.$('#fehler');
    if (alert) this.say(false, `${this.where()} does not take its answers`, [await alert.innerText()]);
    return !alert;
  }

  // Page after page up to the review. `seen(path)` is called on each, before it is filled in; `filled(path)` when it is sent.
  async walk({ seen = async () => {}, filled = async () => {}, until = '/pruefen' } = {}) {
    for (let i = 0; i < 400 && !this.where().endsWith(until); i++) {
      const path = this.where();
      await seen(path);
      const entry = this.another();
      if (entry) { await this.go(entry); continue; }
      await this.fill();
      if (!await this.send()) return false;
      if (this.where().endsWith('/aufgaben')) { this.say(false, `${path} leads to the task list`); return false; }
      await filled(path);
    }
    return true;
  }

  // The case number on the receipt.
  async submit() {
    await this.go('pruefen');
    await this.tick('input[name=_bestaetigt]');
    await this.next();
    return (await this.text()).match(/EB-\d{4}-\w{4}-\w{4}-\w/)?.[0];
  }

  // The code that opens a draft elsewhere.
  async interrupt() {
    await this.go('unterbrechen');
    await this.press('button[name=_anzeigen]');
    return (await this.page.textContent('.ez-code')).trim();
  }

  async resume(code) {
    await this.go('fortsetzen');
    await this.page.fill('#code', code);
    await this.next();
  }

  quiet() {
    this.say(this.external.length === 0, 'no third-party request', this.external);
    this.say(this.complaints.length === 0, 'nothing in the browser console', this.complaints.slice(0, 5));
  }
}

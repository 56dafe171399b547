// Whole applications in Chromium, from the first page to the receipt: ten kinds of people, and of what happens to them on the way;
// and the same application in four languages. Those who bring a cookie have filled in everything already.
import { join } from 'node:path';
import { Person, fixture, open } from './person.mjs';

const told = JSON.parse(process.argv[2]);
const world = await open(told);
const journeys = {};

async function arrive(who, name, options = {}) {
  return Person.arrive(world, { name: who.name, answers: fixture(told.root, name), files: told.files, cookie: who.cookie, ...options });
}

async function through(p, hooks) {
  if (!await p.walk(hooks)) throw new Error('the journey ends here');
}

async function receipt(p) {
  const number = await p.submit();
  p.say(!!number, `a receipt: ${number}`);
  const wide = await p.wide();
  p.say(!wide.length, 'the receipt fits the window', wide);
  return number;
}

// Nothing but answers, on a window of some width.
async function plain(who, name, width) {
  const p = await arrive(who, name, { viewport: { width, height: 800 } });
  const tooWide = [];
  await p.go('');
  await p.press('main a.kern-btn');
  await through(p, { seen: async (path) => { tooWide.push(...(await p.wide()).map((w) => `${path}: ${w}`)); } });
  p.say(!tooWide.length, `all pages fit ${width} px`, tooWide);
  await receipt(p);
  p.quiet();
  await p.leave();
}

journeys.single = (who) => plain(who, '01-ledige-person', 1100);
journeys.family = (who) => plain(who, '02-familie', 360);
journeys.refugee = (who) => plain(who, '07-fluechtling', 320);
journeys.eu = (who) => plain(who, '08-eu-buergerin', 768);
journeys.minor = (who) => plain(who, '11-minderjaehrig-16', 414);

// ---- errors everywhere: every page is sent empty first, then with nonsense for a date, then as it should be

async function spoil(p, date) {
  for (const c of await p.controls()) {
    if (/text|textarea/.test(c.type)) await p.page.locator(`[id="${c.id}"]`).fill(/\.(tag|monat)$/.test(c.name) ? date : '');
  }
}

async function complained(p) {
  if (!await p.page.$('#fehler')) return 0;
  const links = await p.page.$$eval('#fehler a', (all) => all.map((a) => a.getAttribute('href')));
  const dead = [];
  for (const href of links) {
    if (href.startsWith('#') && !await p.page.$(`[id="${href.slice(1)}"]`)) dead.push(href);
  }
  if (await p.focus() !== 'fehler' || !(await p.page.title()).startsWith('Fehler') || dead.length)
    p.say(false, `${p.where()}: the error summary has the focus, the title, and links that lead`, dead);
  if (links[0]?.startsWith('#')) {
    await p.page.$eval('#fehler a', (e) => e.click());
    if (await p.focus() !== links[0].slice(1)) p.say(false, `${p.where()}: ${links[0]} gets the focus`, [await p.focus()]);
  }
  return 1;
}

journeys.errors = async (who) => {
  const p = await arrive(who, '01-ledige-person', { viewport: { width: 360, height: 740 } });
  let faults = 0;
  await p.go(p.first);
  await through(p, { seen: async (path) => {
    for (const before of [async () => {}, () => spoil(p, '77')]) {
      await before();
      await p.next();
      faults += await complained(p);
      if (!await p.page.$('#fehler')) await p.page.goto(p.base + path);
    }
    await spoil(p, '');
  } });
  p.say(faults > 20, `${faults} pages complained, each as it should`);
  await p.go('pruefen');
  await p.next();
  p.say(await complained(p) === 1, 'so does the review without confirmation');
  await receipt(p);
  await p.leave();
};

// ---- the browser's back button: on every third page, and after the receipt

journeys.back = async (who) => {
  const p = await arrive(who, '01-ledige-person');
  let count = 0;
  await p.go(p.first);
  await through(p, { filled: async (path) => {
    if (count++ % 3) return;
    const next = p.where();
    await p.page.goBack();
    if (p.where() !== path) p.say(false, `back leads from ${next} to ${path}`, [p.where()]);
    await p.fill();
    await p.send();
    if (p.where() !== next) p.say(false, `sent again, ${path} leads to ${next}`, [p.where()]);
  } });
  p.say(count > 20, `back and on again, ${count} pages`);
  const number = await receipt(p);
  await p.page.goBack();
  if (await p.page.$('input[name=_bestaetigt]')) {
    await p.tick('input[name=_bestaetigt]');
    await p.next();
  } else {
    await p.go('quittung');
  }
  p.say((await p.text()).includes(number), 'sent twice by the back button, it is one application');
  await p.leave();
};

// ---- two tabs: one after the other, and on the same page

journeys.tabs = async (who) => {
  const p = await arrive(who, '01-ledige-person');
  const tabs = [p.page];
  await p.go(p.first);
  await p.fill();
  await p.send();
  const second = p.where();
  tabs.push(await p.window());
  let turn = 0;
  await p.page.goto(p.base + second);
  await through(p, { filled: async () => {
    const path = p.where();
    p.page = tabs[++turn % 2];
    await p.page.goto(p.base + path);
  } });
  p.say(turn > 20, `${turn} pages by turns in two tabs`);
  const field = 'input[type=text]:not([readonly])';
  const typed = ['Eins', 'Zwei'];
  for (const tab of tabs) await tab.goto(p.base + '/antrag/' + p.first);
  for (const n of [0, 1]) {
    p.page = tabs[n];
    await p.page.locator(field).first().fill(typed[n]);
    await p.next();
  }
  const text = await p.page.content();
  p.say(typed.every((t) => text.includes(t)), 'the same answer changed in both: the second is shown both');
  await p.next();
  await p.go(p.first);
  p.say(await p.page.locator(field).first().inputValue() === 'Zwei', '… and decides');
  await receipt(p);
  await p.leave();
};

// ---- resume on another browser

journeys.elsewhere = async (who) => {
  const p = await arrive(who, '01-ledige-person');
  const half = 'nachweise-person';
  if (!who.cookie) { await p.go(p.first); await through(p, { until: half }); }
  const code = await p.interrupt();
  p.say(/^([2-9A-Z]{6}-){5}[2-9A-Z]{6}$/.test(code), 'there is a code');
  await p.tick('input[name=_bestaetigt]');
  await p.press('button[name=_schliessen]');
  await p.go('pruefen');
  p.say(!await p.page.$('input[name=_bestaetigt]'), 'the first browser has forgotten the draft');
  const other = await arrive({ name: who.name }, '01-ledige-person', { viewport: { width: 360, height: 740 }, locale: 'tr-TR' });
  await other.resume(code.toLowerCase());
  other.say(other.where().endsWith('/aufgaben'), 'the second one has it');
  if (!who.cookie) { await other.go(half); await through(other); }
  await receipt(other);
  await p.resume(code);
  await p.go('quittung');
  p.say(/EB-\d{4}-/.test(await p.text()), 'and the first one sees the receipt, by the code again');
  await other.leave();
  await p.leave();
};

// ---- without JavaScript: files go with the page, are removed with a page of their own

journeys.noscript = async (who) => {
  const p = await arrive(who, '01-ledige-person', { viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
  if (!who.cookie) { await p.go(p.first); await through(p); }
  const names = () => p.page.locator('ol bdi').allTextContents();
  await p.go('nachweise-person');
  const before = (await names()).length;
  const name = fixture(told.root, '01-ledige-person')['nachweise/geburtsurkunde'].match(/^datei \d+ ([^|]*\S)/)[1];
  await p.page.setInputFiles('input[type=file] >> nth=0', [join(told.files, name)]);
  await p.press('button[name=_hochladen] >> nth=0');
  p.say((await names()).length === before + 1, 'a file is sent and shown');
  await p.press('a[href*="/datei/"] >> nth=0');
  await p.press('main form button >> nth=0');
  p.say((await names()).length === before, '… and one is removed');
  await p.page.setInputFiles('input[type=file] >> nth=0', [join(told.files, name)]);
  await p.press('button[name=_hochladen] >> nth=0');
  const help = p.page.locator('details.ez-help > summary').first();
  await p.go(p.first);
  if (await help.count()) {
    await help.evaluate((e) => e.click());
    p.say(await p.page.locator('details.ez-help').first().getAttribute('open') !== null, 'help folds open');
  }
  const number = await receipt(p);
  await p.press('form[action$="/status"] button');
  p.say((await p.text()).includes(number), 'and the status is told');
  await p.leave();
};

// ---- in one language from the first page to the receipt; its last documents, in a draft that has them, are left as they are

async function spoken(who, rtl) {
  const language = who.name;
  const p = await arrive(who, '01-ledige-person', { language, locale: language, viewport: { width: 360, height: 740 } });
  const strange = [];
  let pages = 0;
  const seen = async (path) => {
    pages++;
    const { lang, dir } = await p.page.evaluate(() => ({ lang: document.documentElement.lang, dir: document.documentElement.dir }));
    if (lang !== language || dir !== (rtl ? 'rtl' : 'ltr')) strange.push(`${path}: ${lang}, ${dir}`);
    strange.push(...(await p.wide()).map((w) => `${path}: ${w}`));
  };
  await p.go('');
  await seen('start');
  await p.press('main a.kern-btn');
  if (who.cookie) await p.go(p.first);
  await through(p, { seen, ...(who.cookie ? { until: '/nachweise-ausweis' } : {}) });
  await p.go('pruefen');
  await seen('review');
  await receipt(p);
  await seen('receipt');
  p.say(pages > 30 && !strange.length, `${pages} pages, all in the language, in its direction, and no wider than a phone`, strange);
  p.quiet();
  await p.leave();
}

for (const language of ['de', 'tr', 'uk']) journeys[language] = (who) => spoken(who, false);
journeys.ar = (who) => spoken(who, true);

try {
  for (const who of told.people) {
    try { await journeys[who.name](who); } catch (error) { console.log(`not ok ${who.name}: ${error.stack}`); }
  }
} finally {
  await world.browser.close();
}

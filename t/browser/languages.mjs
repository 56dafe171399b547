// Pages of every kind in German and in a language that is written from right to left, beside each other: that they are the same pages,
// mirrored. What is German or Latin on the other page runs from the left all the same, and axe finds nothing there.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Person, open, say } from './person.mjs';

const told = JSON.parse(process.argv[2]);
const world = await open(told);
const WIDTHS = [1280, 360];
const MORE = (paths) => told.pictures ? paths : [];
const LOOKED = /^(nachweise-person|bekenntnis|pruefen|quickcheck)$/;

// Where everything lies that is not part of a line of text, from the side where lines begin. What is within something that keeps its own
// direction is not asked for.
const boxes = (p) => p.page.evaluate(() => {
  const rtl = document.documentElement.dir === 'rtl', width = document.documentElement.clientWidth;
  return [...document.querySelectorAll('body *')].map((e) => {
    const { left, right, top, height } = e.getBoundingClientRect(), display = getComputedStyle(e).display;
    const told = display !== 'inline' && height > 1 && right > 0 && e.checkVisibility() && !e.parentElement.closest('body [dir]');
    return told && { what: `${e.tagName} ${e.className} ${e.id}`, start: rtl ? width - right : left, end: rtl ? width - left : right, top };
  });
});

// The same page with the other direction: each box is where its image in a mirror would be.
async function mirrored(p, what) {
  const straight = await boxes(p);
  await p.page.evaluate(() => { document.documentElement.dir = 'rtl'; });
  const turned = await boxes(p);
  await p.page.evaluate(() => { document.documentElement.dir = 'ltr'; });
  // A full stop takes more room before a sentence than behind it.
  const off = straight.map((a, i) => [a, turned[i]])
    .filter(([a, b]) => a && b && Object.entries({ start: 1.5, top: 1.5, end: 4 }).some(([side, most]) => Math.abs(a[side] - b[side]) > most));
  const count = straight.filter(Boolean).length;
  p.say(count > 30 && !off.length, `${what}: ${count} boxes have their image in the mirror`,
    off.slice(0, 6).map(([a, b]) => `${a.what}: ${a.start}–${a.end} at ${a.top}, turned ${b.start}–${b.end} at ${b.top}`));
}

// What begins a line, in the order of the page; and which way it runs. Names of fields are the same in all languages.
const landmarks = (p) => p.page.evaluate(() => {
  const rtl = document.documentElement.dir === 'rtl', width = document.documentElement.clientWidth;
  const first = 'header, main, footer, h1, h2, fieldset, legend, input, select, textarea, main details, .ez-buttons > :first-child, .kern-alert, .ez-entry, .ez-file, dl, progress';
  return [...document.querySelectorAll(first)].filter((e) => e.checkVisibility() && e.getBoundingClientRect().width > 1 && !e.closest('.kern-fieldset__body--horizontal, .ez-german')).map((e) => {
    const { left, right } = e.getBoundingClientRect();
    return { what: `${e.tagName} ${e.name || e.id}`, start: rtl ? width - right : left,
      typed: e.matches('input[type=text], textarea') && getComputedStyle(e).direction };
  });
});

async function same(de, there, what) {
  const [a, b] = [await landmarks(de), await landmarks(there)];
  const off = a.map((one, i) => [one, b[i]]).filter(([x, y]) => x.what !== y?.what || Math.abs(x.start - y.start) > 2);
  const turned = b.filter((e) => e.typed && e.typed !== 'ltr');
  const wide = await there.wide();
  there.say(a.length > 4 && a.length === b.length && !off.length && !turned.length && !wide.length,
    `${what}: ${a.length} marks in the same order, each as far from the right as in German from the left`,
    [...off.slice(0, 5).map(([x, y]) => `${x.what}: ${x.start} and ${y?.what}: ${y?.start}`), ...turned.map((e) => `${e.what} runs from the right`), ...wide]);
}

// Both people, at the same kind of page.
async function beside(pair, name) {
  const [de, there] = pair;
  for (const width of WIDTHS) {
    for (const p of pair) await p.page.setViewportSize({ width, height: 800 });
    await mirrored(de, `${name}, ${width} px`);
    await same(de, there, `${name}, ${width} px`);
    if (!told.pictures) continue;
    for (const p of pair) await p.page.screenshot({ path: join(told.pictures, `${name}-${p.name}-${width}.png`), fullPage: true });
  }
  if (LOOKED.test(name)) await there.look(name);
}

const runs = (p, selector) => p.page.$eval(selector, (e) => getComputedStyle(e).direction);
const both = (pair, act) => Promise.all(pair.map(act));

// Translation and original, side by side where there is room.
async function declarations(pair) {
  const there = pair[1];
  await both(pair, (p) => p.go('bekenntnis'));
  there.say(await runs(there, '.ez-german [lang=de]') === 'ltr', 'the German original runs from the left');
  for (const page of ['bekenntnis', 'erklaerungen', 'pruefen']) {
    await both(pair, (p) => p.go(page));
    const found = [];
    for (const width of WIDTHS) {
      await there.page.setViewportSize({ width, height: 800 });
      found.push(await there.page.$$eval('.ez-pair', (all) => all.map((pair) => {
        const german = pair.querySelector('.ez-german').getBoundingClientRect();
        const said = [...pair.querySelectorAll(':scope > .ez-prose, :scope > legend, :scope > label')][0].getBoundingClientRect();
        const apart = document.documentElement.dir === 'rtl' ? german.right <= said.left : german.left >= said.right;
        return apart && Math.abs(german.top - said.top) < 16 ? 'beside' : german.top >= said.bottom ? 'below' : 'over';
      })));
    }
    const good = found[0].length > 0 && found[0].every((f) => f === 'beside') && found[1].every((f) => f === 'below');
    there.say(good, `${page}: the original is beside its translation, and below it on a phone`, good ? [] : found.map((f) => f.join(' ')));
    if (page === 'bekenntnis' || told.pictures && page !== 'pruefen') await beside(pair, page);
  }
}

async function pages(pair) {
  await both(pair, (p) => p.go(''));
  await beside(pair, 'start');
  for (const path of ['aufgaben', 'wohnorte', 'nachweise-person', 'pruefen', ...MORE(['einreise', 'wohnorte/1', 'unterbrechen', 'status'])]) {
    await both(pair, (p) => p.go(path));
    await beside(pair, path.replace('/', '-'));
  }
  await declarations(pair);
}

// Somebody without a draft: mistakes, and the Quick-Check.
async function strangers(pair) {
  for (const path of ['einreise', ...MORE(['name', 'status'])]) {
    await both(pair, (p) => p.go(path));
    await both(pair, (p) => p.next());
    await beside(pair, `${path}-fehler`);
  }
  for (const p of pair) p.home = p.home.replace('antrag', 'quickcheck');
  await both(pair, async (p) => {
    await p.go('');
    await p.press('main .kern-btn');
    for (let i = 0; i < 20 && await p.page.$('button[name=_weiter]'); i++) { await p.fill(); if (!await p.send()) break; }
  });
  await beside(pair, 'quickcheck');
}

// A page with its mistakes in each language: what axe finds depends on little else. The fonts that it loads are those of its script.
async function all(languages) {
  const scripts = { ar: 'arabic', uk: 'cyrillic', de: '' };
  let p;
  for (const language of [...languages].sort((a, b) => (b in scripts) - (a in scripts))) {
    if (!p || language in scripts) { await p?.leave(); p = await arrive(language, {}); }
    Object.assign(p, { name: language, home: `/antrag/${language}` });
    const fonts = new Set();
    p.page.on('request', (r) => { if (r.resourceType() === 'font') fonts.add(r.url().match(/noto-?sans-?([a-z]*)[^/]*$/i)?.[1]); });
    await p.go('name');
    await p.next();
    await p.page.evaluate(() => document.fonts.ready.then(() => true));
    const foreign = [...fonts].filter((f) => /arabic|cyrillic/.test(f));
    if (language in scripts) p.say(fonts.size > 0 && foreign.join() === scripts[language], `only the fonts of its script: ${[...fonts].join(' ')}`);
    await p.look('mistakes');
  }
  await p.leave();
}

const arrive = (language, more) => Person.arrive(world, { name: language, language, locale: language, ...more });

try {
  if (told.pictures) mkdirSync(told.pictures, { recursive: true });
  for (const language of told.languages) {
    const asked = await Person.arrive(world, { name: language, locale: language });
    await asked.go('');
    asked.say(asked.where() === `/antrag/${language}/`, 'the browser is asked for its language');
    await asked.leave();
    for (const [visit, more] of [[pages, { cookie: told.cookie }], [strangers, { answers: told.quickcheck }]]) {
      const pair = [await arrive('de', more), await arrive(language, more)];
      await visit(pair);
      const all = pair.flatMap((p) => [...p.complaints, ...p.external]);
      say(!all.length, `${language}: the browser has nothing to complain of`, all);
      await both(pair, (p) => p.leave());
    }
  }
  await all(told.all);
} finally {
  await world.browser.close();
}

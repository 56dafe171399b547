// Pictures of every page in the widths of a desktop and of a phone, for people to look at. What is wider than its window is a failure, and
// so is what axe-core finds in the dark on a small phone, or in forced colours, and what larger or wider text cuts off.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Person, open, say } from './person.mjs';

const told = JSON.parse(process.argv[2]);
const world = await open(told);
const WIDTHS = { desktop: 1280, phone: 360 };

// The end of a very long page looks like its middle.
const HIGHEST = 6000;

async function picture(p, name) {
  for (const [label, width] of Object.entries(WIDTHS)) {
    await p.page.setViewportSize({ width, height: 800 });
    const wide = await p.wide();
    say(!wide.length, `${name}, ${label}`, wide);
    const height = await p.page.evaluate(() => document.documentElement.scrollHeight);
    await p.page.screenshot({ path: join(told.pictures, `${name}-${label}.png`), fullPage: true,
      clip: { x: 0, y: 0, width, height: Math.min(height, HIGHEST) } });
  }
  await otherwise(p, name);
}

async function otherwise(p, name) {
  await p.page.emulateMedia({ colorScheme: 'dark' });
  await p.at(320, () => p.look(`${name}, dark, 320 px`));
  await p.page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
  await p.look(`${name}, forced colours`);
  await p.page.emulateMedia({ forcedColors: 'none' });
  await p.stretches(name);
}

const named = (path) => path.replace(/^\/antrag\//, '').replaceAll('/', '-') || 'start';

async function each(p, paths, suffix = '') {
  for (const path of paths) {
    await p.page.goto(world.base + path);
    await picture(p, named(path) + suffix);
  }
}

// What has to be pressed to be seen.
async function states(p) {
  await p.go('unterbrechen');
  await p.press('button[name=_anzeigen]');
  await picture(p, 'unterbrechen-code');
  await p.press('button[name=_schliessen]');
  await picture(p, 'unterbrechen-fehler');
  for (const page of ['fortsetzen', 'status', 'pruefen']) {
    await p.go(page);
    await p.next();
    await picture(p, page + '-fehler');
  }
  await p.submit();
  await picture(p, 'quittung');
  await p.press('form[action$="/status"] button');
  await picture(p, 'status-antwort');
  await each(p, ['/antrag/kopie'], '-abgesendet');
  await p.go('loeschen');
  await p.press('main form button');
  await picture(p, 'geloescht');
}

// Every page with all its errors, as somebody sees it who presses the button first.
async function refused(paths) {
  const p = await Person.arrive(world, {});
  for (const path of paths) {
    await p.page.goto(world.base + path);
    if (p.where() !== path || !await p.page.$('button[name=_weiter]')) continue;
    await p.next();
    if (await p.page.$('#fehler')) await picture(p, named(path) + '-fehler');
  }
  await p.leave();
}

async function quickcheck() {
  const p = await Person.arrive(world, { answers: told.quickcheck });
  await p.page.goto(world.base + '/quickcheck/');
  await picture(p, 'quickcheck-start');
  await p.press('main .kern-btn');
  for (let i = 1; i < 20 && await p.page.$('button[name=_weiter]'); i++) {
    await p.fill();
    await picture(p, `quickcheck-${i}`);
    if (!await p.send()) break;
  }
  await picture(p, 'quickcheck-ergebnis');
  await p.leave();
}

try {
  mkdirSync(told.pictures, { recursive: true });
  for (const draft of told.drafts) {
    const p = await Person.arrive(world, { cookie: draft.cookie });
    await each(p, draft.paths);
    if (draft.states) await states(p);
    await p.leave();
  }
  await refused(told.refused);
  if (told.quickcheck) await quickcheck();
} finally {
  await world.browser.close();
}

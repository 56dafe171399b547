// A family's application in Chromium, with axe-core on every page and every state of it; and what is beside the form: interrupting, going
// on elsewhere by keyboard alone, the copy, the status, deleting.
import { join } from 'node:path';
import { Person, fixture, open, say } from './person.mjs';

const told = JSON.parse(process.argv[2]);
const world = await open(told);

async function beforeTheFirstAnswer(p) {
  await p.go('');
  await p.look('start page');
  await p.go(p.first);
  await p.next();
  await p.look('first page with errors');
  await p.stretches('first page with errors');
  const focused = await p.focus();
  say(focused === 'fehler', `the error summary has the focus (${focused})`);
  say((await p.page.title()).startsWith('Fehler'), 'the title says so');
  await p.at(320, async () => {
    await p.go('status');
    await p.look('asking for the status, 320 px');
    await p.next();
    await p.look('asking for the status with errors, 320 px');
  });
}

// Entries of one kind look alike: axe sees the first of each, all are measured.
async function throughTheForm(p) {
  await p.go(p.first);
  await p.walk({ seen: async (path) => {
    await p.reflows(path);
    if (!/\/([2-9]|\d\d)(\/|$)/.test(path)) await p.look(path);
  } });
  await p.look('review');
  await p.reflows('review');
  say(p.uploads > 5, `${p.uploads} documents were uploaded by the script`);
}

async function documents(p) {
  const shown = () => p.page.$$eval('ol bdi', (all) => all.length);
  await p.go('nachweise-person');
  await p.look('documents');
  await p.stretches('documents');
  const before = await shown();
  await p.page.setInputFiles('input[type=file][name]', [join(told.files, 'brief.docx')]);
  await p.page.waitForSelector('#fehler');
  await p.look('a file that is refused');
  say(await p.focus() === 'fehler', 'the error summary has the focus after an upload');
  say(await shown() === before, 'what was there stays');
  await p.go('nachweise-person');
  await p.press('a[href*="/datei/"]');
  await p.look('remove a file');
  await p.at(320, async () => { await p.go('nachweise-person'); await p.look('documents at 320 px'); });
}

async function besideTheForm(p) {
  await p.go('aufgaben');
  await p.look('task list');
  await p.tabs('task list');
  await p.go('kontakt');
  await p.tabs('a page of the form');
  await p.page.emulateMedia({ forcedColors: 'active' });
  await p.look('a page of the form, forced colours');
  const drawn = async (which) => (await p.page.locator(`input[type=radio]${which}`).first().screenshot()).toString('base64');
  say(await drawn(':checked') !== await drawn(':not(:checked)'), 'what is chosen looks chosen in forced colours');
  await p.page.emulateMedia({ forcedColors: 'none' });
  await p.go('loeschen');
  await p.look('discard');
  const entry = Object.keys(p.added).find((s) => p.added[s] > 0);
  await p.go(`${entry}/1/entfernen`);
  await p.look('remove an entry');
  await p.go('gibt-es-nicht');
  await p.look('not found');
  await p.go('kopie');
  await p.look('the copy');
  await p.page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const grey = await p.page.$$eval('body *', (all) => all.filter((e) => e.checkVisibility() && e.innerText?.trim())
    .filter((e) => getComputedStyle(e).color !== 'rgb(0, 0, 0)' || e.matches('form, footer, button, .ez-skip')).map((e) => e.outerHTML.slice(0, 80)));
  say(!grey.length, 'on paper it is black on white, without anything to press', grey.slice(0, 3));
  await p.page.emulateMedia({ media: 'screen', colorScheme: 'light' });
}

async function interrupting(p) {
  await p.go('unterbrechen');
  await p.look('interrupting');
  await p.page.emulateMedia({ colorScheme: 'dark' });
  const code = await p.interrupt();
  await p.look('the code, dark');
  await p.page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
  await p.at(320, async () => {
    await p.press('button[name=_schliessen]');
    await p.look('closed without noting the code, forced colours, 320 px');
  });
  await p.page.emulateMedia({ forcedColors: 'none' });
  return code;
}

// The Tab key until what is wanted has the focus.
async function tabTo(p, selector) {
  for (let i = 0; i < 40; i++) {
    if (await p.page.evaluate((s) => document.activeElement?.matches(s), selector)) return true;
    await p.page.keyboard.press('Tab');
  }
  return false;
}

async function pressed(p) {
  say(await tabTo(p, 'button[name=_weiter]'), 'Tab leads to the button');
  await Promise.all([p.page.waitForNavigation(), p.page.keyboard.press('Space')]);
}

async function elsewhere(code) {
  const p = await Person.arrive(world, { viewport: { width: 320, height: 640 } });
  await p.go('fortsetzen');
  await p.look('going on, 320 px');
  await p.page.keyboard.press('Tab');
  say(await p.page.evaluate(() => document.activeElement.matches('.ez-skip') && document.activeElement.getBoundingClientRect().top >= 0),
    'the first Tab shows the link past the header');
  say(await tabTo(p, '#code'), 'Tab leads to the code');
  await p.page.keyboard.type(code.slice(1));
  await pressed(p);
  await p.look('a code with a slip, 320 px');
  say(await p.focus() === 'fehler' && await tabTo(p, '#fehler a'), 'the error summary has the focus, and leads');
  await p.page.keyboard.press('Enter');
  say(await p.focus() === 'code', '… to the field');
  await p.page.keyboard.press('Control+A');
  await p.page.keyboard.type(code.toLowerCase().replaceAll('-', ' '));
  await pressed(p);
  say(p.where().endsWith('/aufgaben'), 'the draft is open here, by keyboard alone');
  p.quiet();
  await p.leave();
}

async function sending(p) {
  await p.go('pruefen');
  await p.next();
  await p.look('review without confirmation');
  const number = await p.submit();
  await p.look('receipt');
  say(!!number, `receipt ${number}`);
  await p.page.reload();
  say((await p.text()).includes(number), 'the same receipt after a reload');
  await p.go(p.first);
  await p.look('a step after sending');
  await p.at(320, async () => {
    await p.go('quittung');
    await p.look('receipt at 320 px');
    await p.press('form[action$="/status"] button');
    await p.look('the status, 320 px');
    say((await p.text()).includes(number), '… of this application');
  });
  await p.go('loeschen');
  await p.press('main form button');
  await p.look('deleted');
}

try {
  const p = await Person.arrive(world, { answers: fixture(told.root, '02-familie'), files: told.files });
  await beforeTheFirstAnswer(p);
  await throughTheForm(p);
  await documents(p);
  await besideTheForm(p);
  await elsewhere(await interrupting(p));
  await sending(p);
  p.quiet();
} finally {
  await world.browser.close();
}

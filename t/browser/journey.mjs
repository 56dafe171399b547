// Drives Chromium through the form with the answers of a fixture and runs axe-core on every page. Prints "ok …" and "not ok …" lines.
//   node journey.mjs BASE CHROMIUM ROOT FIXTURE FILES      (FILES: a folder with the documents that the fixture names)
import { createRequire } from 'node:module';
import { readFileSync, readdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [base, executablePath, root, wanted, files] = process.argv.slice(2);
const require = createRequire(join(root, 'package.json'));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const folder = join(root, 't/message/instances');
const file = readdirSync(folder).find((f) => f.includes(wanted) || f.includes('famil')) ?? readdirSync(folder)[0];
const answers = Object.fromEntries(readFileSync(join(folder, file), 'utf8').split('\n')
  .filter((l) => l.trim() && !l.startsWith('#'))
  .map((l) => [l.slice(0, l.indexOf('=')).trim(), l.slice(l.indexOf('=') + 1).trim().replaceAll('\\n', '\n')]));
const form = readFileSync(join(root, 'schemas/forms/einbuergerung.xml'), 'utf8');
const repeats = Object.fromEntries([...form.matchAll(/<eb:step id="([^"]+)"(?:(?!<\/eb:step>)[\s\S])*?<xf:repeat nodeset="([^"]+)"/g)].map((m) => [m[1], m[2]]));
const first = form.match(/<eb:step id="([^"]+)"/)[1];

const profile = mkdtempSync(join(tmpdir(), 'eb-chromium-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath, headless: true, locale: 'de-DE', viewport: { width: 1100, height: 900 },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const page = context.pages()[0] ?? await context.newPage();
const external = [];
page.on('request', (r) => { if (!r.url().startsWith(base) && !r.url().startsWith('data:')) external.push(r.url()); });
const consoleErrors = [];
page.on('console', (m) => { if (m.type() === 'error' && !/status of 4\d\d/.test(m.text())) consoleErrors.push(m.text()); });

function say(good, name, detail = []) {
  console.log(`${good ? 'ok' : 'not ok'} ${name}`);
  for (const line of detail) console.log('  ' + line);
}

// axe is evaluated by the debugger, which the page's policy does not bind; the page itself runs no script.
async function look(name) {
  const debuggerSession = await context.newCDPSession(page);
  await debuggerSession.send('Runtime.evaluate', { expression: axeSource });
  await debuggerSession.detach();
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  say(result.violations.length === 0 && !wide, `${name}: ${result.violations.length} axe violations${wide ? ', wider than the window' : ''}`,
    result.violations.flatMap((v) => v.nodes.slice(0, 2).map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary?.split('\n')[1] ?? ''}`)));
}

// The script sends what is chosen at once, one file after another, and shows the page as the server then has it.
let uploads = 0;
const shown = () => page.$$eval('ol bdi', (all) => all.map((e) => e.textContent));
async function upload(id, value) {
  const names = value.split(' | ').map((f) => f.match(/^datei \d+ (.*)/)?.[1]).filter(Boolean);
  await page.setInputFiles(`[id="${id}"]`, names.map((n) => join(files, n)));
  await page.waitForFunction((want) => want.every((n) => [...document.querySelectorAll('ol bdi')].some((e) => e.textContent === n))
    && !document.querySelector('form progress'), names, { timeout: 60000 });
  uploads += names.length;
}

async function fill(prefix) {
  const controls = await page.$$eval('form[method=post] :is(input,select,textarea)[name]', (all) => all
    .filter((e) => e.type !== 'hidden').map((e) => ({ name: e.name, type: e.type, value: e.value, id: e.id })));
  // What is typed or ticked comes first: it stays on the page while files are sent.
  controls.sort((a, b) => (a.type === 'file') - (b.type === 'file'));
  for (const c of controls) {
    let path = prefix + c.name.replaceAll('.', '/');
    let value = answers[path];
    if (c.type === 'file') { if (/^datei /.test(value ?? '')) await upload(c.id, value); continue; }
    if (path.endsWith('/spaeter')) { if (/(^|\| )spaeter$/.test(answers[path.slice(0, -8)] ?? '')) await page.locator(`[id="${c.id}"]`).check(); continue; }
    const part = path.match(/^(.*)\/(tag|monat|jahr)$/);
    if (value === undefined && part && answers[part[1]]) {
      const [jahr, monat = '', tag = ''] = answers[part[1]].split('-');
      value = { jahr, monat, tag }[part[2]];
    }
    if (value === undefined) continue;
    const at = page.locator(`[id="${c.id}"]`);
    if (c.type === 'radio') { if (c.value === value) await at.check(); }
    else if (c.type === 'checkbox') { if (value.split(' ').includes(c.value) || value === 'true') await at.check(); }
    else if (c.type === 'select-one') await at.selectOption(value);
    else await at.fill(value);
  }
}

const press = async (selector) => { await Promise.all([page.waitForLoadState('load'), page.click(selector)]); };
const where = () => new URL(page.url()).pathname;
const entries = (repeat) => Math.max(0, ...Object.keys(answers).map((k) => +(k.match(new RegExp(`^${repeat}\\[(\\d+)\\]`))?.[1] ?? 0)));

try {
  await page.goto(base + '/antrag/');
  await look('start page');
  await page.goto(base + '/antrag/' + first);
  await press('button[name=_weiter]');
  await look('first page with errors');
  const focused = await page.evaluate(() => document.activeElement?.id);
  say(focused === 'fehler', `the error summary has the focus (${focused})`);
  say((await page.title()).startsWith('Fehler'), 'the title says so');
  await page.goto(base + '/antrag/' + first);
  const added = {};
  let path = where();
  for (let i = 0; i < 400 && !path.endsWith('/pruefen'); i++) {
    const [, , step, n] = path.split('/');
    await look(path);
    if (repeats[step] && n === undefined && (added[step] ??= 0) < entries(repeats[step])) {
      await page.goto(`${base}/antrag/${step}/${++added[step]}`);
    } else {
      await fill(n === undefined ? '' : `${repeats[step]}[${n}]/`);
      const before = page.url();
      await press('button[name=_weiter]');
      const alert = await page.$('#fehler');
      if (alert) { say(false, `${path} does not take its answers`, [await alert.innerText()]); break; }
      if (where().endsWith('/aufgaben')) { say(false, `${path} leads to the task list`); break; }
    }
    path = where();
  }
  await look('review');
  say(uploads > 5, `${uploads} documents were uploaded by the script`);
  const documents = base + '/antrag/nachweise-person';
  await page.goto(documents);
  await look('documents');
  const before = (await shown()).length;
  await page.setInputFiles('input[type=file][name]', [join(files, 'brief.docx')]);
  await page.waitForSelector('#fehler', { timeout: 20000 });
  await look('a file that is refused');
  say((await page.evaluate(() => document.activeElement?.id)) === 'fehler', 'the error summary has the focus after an upload');
  say((await shown()).length === before, 'what was there stays');
  await page.goto(documents);
  await page.click('a[href*="/datei/"]');
  await page.waitForLoadState('load');
  await look('remove a file');
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto(documents);
  await look('documents at 320 px');
  await page.setViewportSize({ width: 1100, height: 900 });
  await page.goto(base + '/antrag/aufgaben');
  await look('task list');
  await page.goto(base + '/antrag/loeschen');
  await look('discard');
  const kids = Object.keys(added).find((s) => added[s] > 0);
  if (kids) { await page.goto(`${base}/antrag/${kids}/1/entfernen`); await look('remove an entry'); }
  await page.goto(base + '/antrag/gibt-es-nicht');
  await look('not found');
  await page.goto(base + '/antrag/pruefen');
  await press('button[name=_weiter]');
  await look('review without confirmation');
  await page.check('input[name=_bestaetigt]');
  await press('button[name=_weiter]');
  await look('receipt');
  const number = (await page.textContent('main')).match(/EB-\d{4}-\w{4}-\w{4}-\w/)?.[0];
  say(!!number, `receipt ${number}`);
  await page.reload();
  say((await page.textContent('main')).includes(number), 'the same receipt after a reload');
  await page.goto(base + '/antrag/' + first);
  await look('a step after sending');
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto(base + '/antrag/quittung');
  await look('receipt at 320 px');
  say(external.length === 0, 'no third-party request', external);
  say(consoleErrors.length === 0, 'nothing in the browser console', consoleErrors.slice(0, 5));
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}

// Walks Chromium through the Quick-Check: on a small phone with axe-core on every page, on a desktop and in the dark on the last. Prints
// "ok …" and "not ok …" lines.
//   node quickcheck.mjs BASE CHROMIUM ROOT [FOLDER]      (FOLDER: where pictures of the pages go)
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [base, executablePath, root, pictures] = process.argv.slice(2);
const require = createRequire(join(root, 'package.json'));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const parse = (text) => Object.fromEntries(text.split('\n').filter((l) => /^\w\S+ = /.test(l)).map((l) => l.split(' = ')));
const data = (name) => readFileSync(join(root, 't/unit/data/quickcheck', name + '.txt'), 'utf8');
const basis = parse(data('basis'));
const person = (name) => ({ ...basis, ...parse(data('menschen').split('[').find((p) => p.startsWith(name))) });

const say = (good, name, detail = []) => { console.log(`${good ? 'ok' : 'not ok'} ${name}`); for (const d of detail) console.log('  ' + d); };
const browser = await chromium.launch({ executablePath, headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });

async function walk(name, answers, label, options) {
  const context = await browser.newContext({ locale: 'de-DE', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(120000);
  let count = 0;
  const look = async (what) => {
    const session = await context.newCDPSession(page);
    const run = `${axeSource}; axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`
      + `.then((r) => JSON.stringify({ wide: document.documentElement.scrollWidth > document.documentElement.clientWidth, violations: r.violations }))`;
    const { result } = await session.send('Runtime.evaluate', { expression: run, awaitPromise: true });
    await session.detach();
    const { wide, violations } = JSON.parse(result.value);
    say(!violations.length && !wide, `${name}, ${label}, ${what}: ${violations.length} axe violations${wide ? ', wider than the window' : ''}`,
      violations.flatMap((v) => v.nodes.slice(0, 2).map((n) => `${v.id}: ${n.target.join(' ')}`)));
    if (pictures) await page.screenshot({ path: join(pictures, `${name}-${label}-${String(count++).padStart(2, '0')}.png`), fullPage: true });
  };
  const press = async (selector) => { await Promise.all([page.waitForNavigation({ timeout: 120000 }), page.$eval(selector, (e) => e.click())]); };
  await page.goto(base + '/quickcheck/');
  if (label !== 'dark') await look('start');
  await press('main .kern-btn');
  if (label === 'phone') {
    await press('button[name=_weiter]');
    await look('errors');
    say(await page.evaluate(() => document.activeElement?.id) === 'fehler', `${name}, ${label}: the error summary has the focus`);
  }
  for (let i = 0; i < 20 && await page.$('button[name=_weiter]'); i++) {
    for (const c of await page.$$('form :is(input,select):not([type=hidden])')) {
      const [id, type, value] = await c.evaluate((e) => [e.name, e.type, e.value]);
      const part = id.match(/^(.*)\.(tag|monat|jahr)$/);
      const answer = answers[(part ? part[1] : id).replaceAll('.', '/')] ?? '';
      const [jahr, monat = '', tag = ''] = answer.split('-');
      if (type === 'radio' || type === 'checkbox') { if (answer.split(' ').includes(value)) await c.check(); }
      else if (type === 'select-one') await c.selectOption(answer);
      else await c.fill(part ? { jahr, monat, tag }[part[2]] : answer);
    }
    if (label === 'phone') await look(await page.title());
    await press('button[name=_weiter]');
    const alert = await page.$('#fehler');
    if (alert) { say(false, `${name}: answers are not taken`, [await alert.innerText()]); break; }
  }
  say((await page.title()).startsWith('Ihr Ergebnis'), `${name}, ${label}: comes to the result`);
  await look('result');
  await context.close();
}

try {
  await walk('Goran', person('Goran'), 'phone', { viewport: { width: 320, height: 640 }, deviceScaleFactor: 1 });
  await walk('Rosa', person('Rosa'), 'desktop', { viewport: { width: 1100, height: 900 } });
  await walk('Nadia', person('Nadia'), 'dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
} finally {
  await browser.close();
}

// Walks Chromium through the Quick-Check: on a small phone with axe-core on every page, on a desktop and in the dark on the last.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Person, open } from './person.mjs';

const told = JSON.parse(process.argv[2]);
const world = await open(told);

const parse = (text) => Object.fromEntries(text.split('\n').filter((l) => /^\w\S+ = /.test(l)).map((l) => l.split(' = ')));
const data = (name) => readFileSync(join(told.root, 't/unit/data/quickcheck', name + '.txt'), 'utf8');
const answers = (name) => ({ ...parse(data('basis')), ...parse(data('menschen').split('[').find((p) => p.startsWith(name))) });

async function walk(name, label, options) {
  const p = await Person.arrive(world, { name: `${name}, ${label}`, answers: answers(name), ...options });
  const look = async (what) => {
    await p.look(what);
    if (told.pictures)
      await p.page.screenshot({ path: join(told.pictures, `${name}-${label}-${String(p.looked).padStart(2, '0')}.png`), fullPage: true });
  };
  await p.page.goto(world.base + '/quickcheck/');
  if (label !== 'dark') await look('start');
  await p.press('main .kern-btn');
  if (label === 'phone') {
    await p.next();
    await look('errors');
    p.say(await p.focus() === 'fehler', 'the error summary has the focus');
  }
  for (let i = 0; i < 20 && await p.page.$('button[name=_weiter]'); i++) {
    await p.fill();
    if (label === 'phone') await look(await p.page.title());
    if (!await p.send()) break;
  }
  p.say((await p.page.title()).startsWith('Ihr Ergebnis'), 'comes to the result');
  await look('result');
  await p.leave();
}

try {
  await walk('Goran', 'phone', { viewport: { width: 320, height: 640 } });
  await walk('Rosa', 'desktop');
  await walk('Nadia', 'dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
} finally {
  await world.browser.close();
}

// A few Arabic pages, each of its kind: the start, questions with their mistakes, tasks, and a declaration with its German original.
import { join } from 'node:path';
import { Person, open } from './person.mjs';

const told = JSON.parse(process.argv[2]);
const world = await open(told);

// Where the middle of each is, as a part of the window's width.
const middle = (p, selector) => p.page.$eval(selector, (e) => {
  const { left, right } = e.getBoundingClientRect();
  return (left + right) / 2 / innerWidth;
});
const runs = (p, selector) => p.page.$eval(selector, (e) => getComputedStyle(e).direction);

try {
  const p = await Person.arrive(world, { name: 'ar', locale: 'ar', viewport: { width: 360, height: 740 } });
  const look = async (what) => {
    await p.look(what);
    if (told.pictures) await p.page.screenshot({ path: join(told.pictures, `ar-${p.looked}.png`), fullPage: true });
  };
  await p.go('');
  p.say(p.where() === '/antrag/ar/', 'the browser is asked for its language');
  await look('start');
  await p.go('ar/' + world.first);
  await p.next();
  await look('mistakes');
  p.say(await runs(p, 'main') === 'rtl' && await middle(p, 'main h1') > 0.4, 'the page begins at the right');
  p.say(await runs(p, 'input[type=text]') === 'ltr', 'what is typed runs from the left');
  await p.go('ar/aufgaben');
  await look('tasks');
  await p.go('ar/bekenntnis');
  p.say(await runs(p, '.ez-german [lang=de]') === 'ltr', 'the German original runs from the left');
  await look('declaration');
  p.say(!p.complaints.length && !p.external.length, 'the browser has nothing to complain of', [...p.complaints, ...p.external]);
  await p.leave();
} finally {
  await world.browser.close();
}

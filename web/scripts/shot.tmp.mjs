import { chromium } from '@playwright/test';
const base=process.argv[2];
const browser = await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox']});
const out='/tmp/web/shots/';
async function page(opts={},path='/c/demo'){ const c=await browser.newContext({viewport:{width:1100,height:800},...opts}); const p=await c.newPage(); p.on('console',m=>console.log('console',m.text())); p.on('pageerror',e=>console.log('ERR',e.message)); await p.goto(base+path); return p;}
async function enter(p){ await p.getByLabel('Access code').fill('abcd'); await p.keyboard.press('Enter'); await p.getByLabel('Your message').waitFor(); }
async function ask(p,t){ await p.getByLabel('Your message').fill(t); await p.keyboard.press('Enter'); }
const shot=(p,n)=>p.screenshot({path:out+n+'.png'});
let p=await page(); await p.getByLabel('Access code').waitFor(); await shot(p,'gate');
await p.getByLabel('Access code').fill('WRONG'); await p.keyboard.press('Enter'); await p.getByRole('alert').waitFor(); await shot(p,'gate-wrong');
await enter(p); await shot(p,'empty');
await ask(p,'When are you open? think'); await p.waitForTimeout(500); await shot(p,'typing'); await p.waitForTimeout(1300); await shot(p,'streaming');
await p.getByRole('button',{name:'Copy answer'}).waitFor({timeout:20000}); await p.waitForTimeout(100); await shot(p,'chat');
await p.locator('.log').evaluate(e=>e.scrollTo({top:0})); await p.waitForTimeout(200); await shot(p,'scrolled-up');
await ask(p,'fail please'); await p.getByRole('alert').waitFor({timeout:20000}); await shot(p,'failed');
await ask(p,'limit'); await p.waitForTimeout(500); await shot(p,'limited');
await ask(p,'offline'); await p.waitForTimeout(900); await shot(p,'offline');
p=await page({colorScheme:'dark'}); await enter(p); await ask(p,'When are you open?'); await p.getByRole('button',{name:'Copy answer'}).waitFor({timeout:20000}); await shot(p,'dark');
p=await page({viewport:{width:390,height:844},deviceScaleFactor:2,isMobile:true,hasTouch:true}); await shot(p,'mobile-gate'); await enter(p); await shot(p,'mobile-empty'); await ask(p,'When are you open? slow'); await p.waitForTimeout(3000); await shot(p,'mobile-stream');
p=await page({},'/c/none'); await p.waitForTimeout(300); await shot(p,'unknown');
p=await page({},'/demo'); await p.getByRole('button',{name:'Open the chat'}).click(); await p.getByLabel('Access code').waitFor(); await shot(p,'embed'); await enter(p); await ask(p,'hours?'); await p.waitForTimeout(2500); await shot(p,'embed-chat');
await browser.close();

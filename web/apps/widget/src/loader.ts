declare const __APP__: string;

const script = document.currentScript as HTMLScriptElement;
void import(/* @vite-ignore */ new URL(__APP__, script.src).href);
export {};

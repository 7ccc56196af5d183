import { useEffect, useState } from 'preact/hooks';

/** The one state of an app: immutable snapshots and whoever wants to know of the next. */
export class Store<T extends object> {
  #state: T;
  readonly #listeners = new Set<() => void>();

  constructor(initial: T) {
    this.#state = initial;
  }

  get state(): T {
    return this.#state;
  }

  set(patch: Partial<T>): void {
    this.#state = { ...this.#state, ...patch };
    for (const listener of this.#listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The store's state; the component renders again with each new one. */
export function useStore<T extends object>(store: Store<T>): T {
  const [, render] = useState(0);
  useEffect(() => {
    const stop = store.subscribe(() => render((n) => n + 1));
    // What happened between rendering and now.
    render((n) => n + 1);
    return () => void stop();
  }, [store]);
  return store.state;
}

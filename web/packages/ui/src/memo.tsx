import { Component, type FunctionComponent, type VNode } from 'preact';

/** A component that renders again only when one of its props is another object. */
export function memo<P extends object>(Inner: FunctionComponent<P>) {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const before = this.props as Readonly<P>;
      return (Object.keys(next) as (keyof P)[]).some((name) => next[name] !== before[name]);
    }

    override render(): VNode {
      return <Inner {...(this.props as P)} />;
    }
  };
}

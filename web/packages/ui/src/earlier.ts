import type { Relay } from '@tendril/stream';
import { told } from './entries';
import type { Ledger } from './ledger';

/** The page of messages before the first. */
export async function loadEarlier(relay: Relay, ledger: Ledger): Promise<void> {
  const { store, era } = ledger;
  const { earlier, chat } = store.state;
  if (earlier === null || chat === null) return;
  store.set({ earlier: null });
  try {
    const page = await relay.messages(chat, earlier);
    if (era !== ledger.era) return;
    ledger.entries = [...told(page.messages), ...ledger.entries];
    store.set({ earlier: page.next ?? null });
    ledger.publish();
  } catch {
    if (era === ledger.era) store.set({ earlier });
  }
}

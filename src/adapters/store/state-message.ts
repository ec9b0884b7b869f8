/** A change of one row; `row` absent means removal. */
export interface RowChange {
  readonly table: string;
  readonly key: string;
  readonly row?: string;
}

/** What the daemon asks of the writer. Handled in the order of sending. */
export type StateRequest =
  | { readonly type: "open"; readonly id: number; readonly path: string; readonly reserve?: string }
  | { readonly type: "load"; readonly id: number; readonly table: string }
  | { readonly type: "commit"; readonly id: number; readonly durable: boolean; readonly changes: readonly RowChange[] }
  | { readonly type: "check"; readonly id: number }
  | { readonly type: "close"; readonly id: number };

/** `rows` answers a load, and a check with a sentence for each thing that is wrong. `unavailable`: the machine's trouble (full disk, lock), not a wrong request. */
export type StateReply =
  | { readonly id: number; readonly rows?: readonly string[] }
  | { readonly id: number; readonly failure: { readonly fault: "unavailable" | "internal"; readonly message: string } };

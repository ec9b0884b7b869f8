/** What a parser makes of a template. `at` is an index into its text. */
export interface Placed {
  readonly at: number;
}

export interface NumberLiteral extends Placed {
  readonly type: "number";
  readonly text: string;
  readonly int?: bigint;
  readonly float?: number;
}

export type Operand =
  | (Placed & { readonly type: "bool"; readonly value: boolean })
  | (Placed & { readonly type: "dot" })
  | (Placed & { readonly type: "nil" })
  | (Placed & { readonly type: "string"; readonly quoted: string; readonly value: string })
  | (Placed & { readonly type: "field"; readonly names: readonly string[] })
  | (Placed & { readonly type: "variable"; readonly name: string; readonly names: readonly string[] })
  | (Placed & { readonly type: "identifier"; readonly name: string })
  | (Placed & { readonly type: "chain"; readonly of: Operand; readonly names: readonly string[] })
  | NumberLiteral
  | Pipeline;

export interface Command extends Placed {
  readonly type: "command";
  readonly words: readonly [Operand, ...Operand[]];
}

export interface Pipeline extends Placed {
  readonly type: "pipeline";
  /** Variables that take its value, "$x". */
  readonly variables: readonly string[];
  /** True for `=`, false for `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

export interface Block extends Placed {
  readonly pipeline: Pipeline;
  readonly body: readonly Statement[];
  readonly otherwise?: readonly Statement[];
}

export type Statement =
  | (Placed & { readonly type: "text"; readonly text: string })
  | (Placed & { readonly type: "action"; readonly pipeline: Pipeline })
  | (Placed & { readonly type: "break" | "continue" })
  | (Placed & { readonly type: "template"; readonly name: string; readonly pipeline?: Pipeline })
  | (Block & { readonly type: "if" | "with" | "range" });

export type Node = Operand | Command | Statement;

/** The source of a node, laid out as Go does: error messages quote it. */
export function sourceOf(node: Node): string {
  switch (node.type) {
    case "bool":
      return String(node.value);
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "string":
      return node.quoted;
    case "number":
    case "text":
      return node.text;
    case "field":
      return node.names.map((name) => `.${name}`).join("");
    case "variable":
      return [node.name, ...node.names].join(".");
    case "identifier":
      return node.name;
    case "chain": {
      const inner = node.of.type === "pipeline" ? `(${sourceOf(node.of)})` : sourceOf(node.of);
      return inner + node.names.map((name) => `.${name}`).join("");
    }
    case "command":
      return node.words.map((word) => (word.type === "pipeline" ? `(${sourceOf(word)})` : sourceOf(word))).join(" ");
    case "pipeline": {
      const variables = node.variables.length === 0 ? "" : `${node.variables.join(", ")} ${node.assigns ? "=" : ":="} `;
      return variables + node.commands.map(sourceOf).join(" | ");
    }
    case "action":
      return `{{${sourceOf(node.pipeline)}}}`;
    case "break":
    case "continue":
      return `{{${node.type}}}`;
    case "template":
      return `{{template ${JSON.stringify(node.name)}${node.pipeline === undefined ? "" : ` ${sourceOf(node.pipeline)}`}}}`;
    case "if":
    case "with":
    case "range":
    default: {
      const otherwise = node.otherwise === undefined ? "" : `{{else}}${node.otherwise.map(sourceOf).join("")}`;
      return `{{${node.type} ${sourceOf(node.pipeline)}}}${node.body.map(sourceOf).join("")}${otherwise}{{end}}`;
    }
  }
}

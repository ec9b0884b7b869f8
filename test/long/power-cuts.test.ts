import { powerCutSuite } from "../support/power-cuts.ts";

powerCutSuite({ cuts: 200, rounds: 30 });

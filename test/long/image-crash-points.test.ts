import { imageCrashSuite } from "../support/image-crash-suite.ts";

imageCrashSuite(60);

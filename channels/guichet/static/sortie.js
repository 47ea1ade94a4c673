// @ts-check
// After leaving: nothing stays in this tab.
import { forget } from "./state.js";

forget();

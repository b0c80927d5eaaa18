import { StreamLanguage } from "@codemirror/language";
import { erlang } from "@codemirror/legacy-modes/mode/erlang";

export const mode = StreamLanguage.define(erlang);

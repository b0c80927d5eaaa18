// The editor's styles, put into the page as a sheet and not as an element: so the content security policy needs no
// exception for them. Takes the place of the package `style-mod` when the editor is bundled.

import { StyleModule as Module } from "../node_modules/style-mod/src/style-mod.js";

// Without a `head` the package takes the root for one that has sheets of its own.
const root = {
  ownerDocument: document,
  get adoptedStyleSheets() {
    return document.adoptedStyleSheets;
  },
  set adoptedStyleSheets(sheets) {
    document.adoptedStyleSheets = sheets;
  },
};

export class StyleModule extends Module {
  static mount(_, modules) {
    Module.mount(root, modules);
  }
}

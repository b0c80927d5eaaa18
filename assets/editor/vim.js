// Vim's keys, for those who chose them.

import { vim } from "@replit/codemirror-vim";

export const keys = vim({ status: true });

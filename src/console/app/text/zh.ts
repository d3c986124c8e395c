/** Simplified Chinese, with the vendor's own terms: every English text of the console with its translation. */
import { access } from "./zh/access.ts"
import { keyHistory } from "./zh/keyHistory.ts"
import { keyPage } from "./zh/keyPage.ts"
import { keys } from "./zh/keys.ts"
import { machines } from "./zh/machines.ts"
import { pages } from "./zh/pages.ts"
import { frame } from "./zh/frame.ts"

export const zh = { ...frame, ...pages, ...keys, ...keyPage, ...keyHistory, ...access, ...machines }

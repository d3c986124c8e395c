/** A real Chromium for tests of pages: Debian's, installed if permitted; otherwise a sentence with instructions. */
import { chromium } from "playwright-core"
import type { Browser } from "playwright-core"
import { firstOf, fromDebian } from "../src/development/debian.ts"
import { patience } from "./patience.ts"

const places = [
  process.env["KEYSTATE_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
]

const executable = (): string =>
  fromDebian({
    name: "Chromium (or the path of one in KEYSTATE_CHROMIUM)",
    packages: ["chromium"],
    look: () => firstOf(places)
  })

/** Chromium is in English, and sends no requests to other servers by itself. */
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--lang=en-US",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: executable(), args: flags, timeout: patience })

/** Imported key material: whether it is present and until when, importing it, and deleting it. */
import type { AllowedNow, KeyRow } from "../../protocol.ts"
import { absolute, instant } from "../data/time.ts"
import { Button, Note } from "../parts/basic.tsx"
import { Countdown } from "../parts/moment.tsx"
import type { Changes } from "./changes.tsx"
import { whyNot } from "./whyNot.ts"
import { t } from "../text/text.ts"

interface MaterialProps {
  readonly row: KeyRow
  readonly allowed: AllowedNow | undefined
  readonly changes: Changes
}

export const MaterialTab = ({ row, allowed, changes: { start } }: MaterialProps) => (
  <section className="card">
    <h2>{t("Key material")}</h2>
    <div className="stack">
      {row.materialPresent ? (
        <Note tone="good">{t("The key material is present.")}</Note>
      ) : (
        <Note tone="info">
          {t(
            "There is no key material. Import it to use the key. If it was imported before, only the same material is accepted."
          )}
        </Note>
      )}
      <dl className="fields">
        <dt>{t("Expires")}</dt>
        <dd>
          <Expiry row={row} />
        </dd>
      </dl>
      <div className="row">
        <Button look="main" off={whyNot(allowed, "ImportKeyMaterial")} onClick={() => start("ImportKeyMaterial")}>
          {row.materialPresent ? t("Import again…") : t("Import key material…")}
        </Button>
        <Button
          look="danger"
          off={row.materialPresent ? whyNot(allowed, "DeleteKeyMaterial") : t("There is no material to delete.")}
          onClick={() => start("DeleteKeyMaterial")}
        >
          {t("Delete key material…")}
        </Button>
      </div>
    </div>
  </section>
)

const Expiry = ({ row }: { readonly row: KeyRow }) => {
  const expires = instant(row.materialExpireTime)
  if (expires === undefined) return row.materialPresent ? t("never") : "—"
  return (
    <>
      <Countdown to={expires} what={t("Expiry of the material")} /> <span className="quiet">· {absolute(expires)}</span>
    </>
  )
}

/** Parts of the "Create key" form: the kind of key, and where its material comes from. */
import { intervals } from "../keyPage/rotationPolicy.ts"
import { Check, Choice, Note } from "../parts/basic.tsx"
import { specs, specWord } from "./createKeyForm.ts"
import type { KeyForm, KeyKind } from "./createKeyForm.ts"
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

interface FieldsProps {
  readonly form: KeyForm
  readonly kind: KeyKind
  readonly set: (change: Partial<KeyForm>) => void
}

/** Zero for a key that does not rotate. */
const rotations = [0, ...intervals]

const rotationOptions = (choices: ReadonlyArray<number>) =>
  choices.map((days) =>
    days === 0 ? (["", t("Off")] as const) : ([`${days}d`, t("Every {days} days", { days })] as const)
  )

const levels = [
  ["SOFTWARE", "Software"],
  ["HSM", "HSM"]
] as const satisfies ReadonlyArray<readonly [string, PlainText]>

export const KindFields = ({ form, kind, set }: FieldsProps) => (
  <>
    <div className="columns">
      <Choice
        label={t("Key spec")}
        value={form.spec}
        options={specs.map((spec) => [spec.name, specWord(spec)] as const)}
        onChange={(spec) => set({ spec })}
      />
      <Choice
        label={t("Key usage")}
        value={kind.usage}
        options={kind.usages.map((one) => [one, one] as const)}
        onChange={(usage) => set({ usage })}
      />
    </div>
    <div className="columns">
      <Choice
        label={t("Protection level")}
        value={kind.level}
        options={levels
          .filter(([name]) => name === "HSM" || !kind.isHsmOnly)
          .map(([name, word]) => [name, t(word)] as const)}
        onChange={(protection) => set({ protection })}
        hint={kind.isHsmOnly ? t("This spec requires an HSM.") : undefined}
      />
      <Choice
        label={t("Rotation")}
        value={kind.canRotate ? form.rotation : ""}
        options={rotationOptions(kind.canRotate ? rotations : [0])}
        onChange={(rotation) => set({ rotation })}
        hint={kind.canRotate ? undefined : t("Only symmetric keys with material from Keystate rotate.")}
      />
    </div>
  </>
)

export const MaterialSource = ({ form, kind, set }: FieldsProps) => (
  <>
    <fieldset>
      <legend>{t("Key material source")}</legend>
      <label className="check">
        <input type="radio" name="origin" checked={!kind.isExternal} onChange={() => set({ external: false })} />
        <span>
          Keystate{" "}
          <span className="quiet">{t("(Aliyun_KMS): the service generates the material and never exports it")}</span>
        </span>
      </label>
      <label className="check">
        <input
          type="radio"
          name="origin"
          checked={kind.isExternal}
          disabled={!kind.canImport}
          onChange={() => set({ external: true })}
        />
        <span>
          {t("External")}{" "}
          <span className="quiet">{t("(EXTERNAL): you import your own 256-bit symmetric material")}</span>
        </span>
      </label>
      {!kind.canImport && <span className="why">{t("Asymmetric keys cannot use imported material.")}</span>}
    </fieldset>
    {kind.isExternal && <ImportWarning understood={form.understood} onChange={(understood) => set({ understood })} />}
  </>
)

interface WarningProps {
  readonly understood: boolean
  readonly onChange: (understood: boolean) => void
}

const ImportWarning = ({ understood, onChange }: WarningProps) => (
  <Note tone="warn">
    <div className="stack tight">
      <p>
        {rich(
          "You are responsible for keeping a copy of the material. If it expires or is deleted, the key cannot decrypt until you import the <b>same</b> material again. Other material is always refused. The key does not rotate."
        )}
      </p>
      <Check checked={understood} onChange={onChange}>
        {t("I understand the implications of using external key material")}
      </Check>
    </div>
  </Note>
)

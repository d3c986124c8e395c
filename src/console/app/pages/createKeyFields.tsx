/** Parts of the "Create key" form: the kind of key, and where its material comes from. */
import { Check, Choice, Note } from "../parts/basic.tsx"
import { specs } from "./createKeyForm.ts"
import type { KeyForm, KeyKind } from "./createKeyForm.ts"

interface FieldsProps {
  readonly form: KeyForm
  readonly kind: KeyKind
  readonly set: (change: Partial<KeyForm>) => void
}

const rotations = [
  ["", "Off"],
  ["30d", "Every 30 days"],
  ["90d", "Every 90 days"],
  ["180d", "Every 180 days"],
  ["365d", "Every 365 days"]
] as const
const noRotation = [["", "Off"]] as const

const levels = [
  ["SOFTWARE", "Software"],
  ["HSM", "HSM"]
] as const
const hsmLevel = [["HSM", "HSM"]] as const

export const KindFields = ({ form, kind, set }: FieldsProps) => (
  <>
    <div className="columns">
      <Choice
        label="Key spec"
        value={form.spec}
        options={specs.map(({ name, word }) => [name, word] as const)}
        onChange={(spec) => set({ spec })}
      />
      <Choice
        label="Key usage"
        value={kind.usage}
        options={kind.usages.map((one) => [one, one] as const)}
        onChange={(usage) => set({ usage })}
      />
    </div>
    <div className="columns">
      <Choice
        label="Protection level"
        value={kind.level}
        options={kind.isHsmOnly ? hsmLevel : levels}
        onChange={(protection) => set({ protection })}
        hint={kind.isHsmOnly ? "This spec requires an HSM." : undefined}
      />
      <Choice
        label="Rotation"
        value={kind.canRotate ? form.rotation : ""}
        options={kind.canRotate ? rotations : noRotation}
        onChange={(rotation) => set({ rotation })}
        hint={kind.canRotate ? undefined : "Only symmetric keys with material from Keystate rotate."}
      />
    </div>
  </>
)

export const MaterialSource = ({ form, kind, set }: FieldsProps) => (
  <>
    <fieldset>
      <legend>Key material source</legend>
      <label className="check">
        <input type="radio" name="origin" checked={!kind.isExternal} onChange={() => set({ external: false })} />
        <span>
          Keystate <span className="quiet">(Aliyun_KMS): the service generates the material and never exports it</span>
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
          External <span className="quiet">(EXTERNAL): you import your own 256-bit symmetric material</span>
        </span>
      </label>
      {!kind.canImport && <span className="why">Asymmetric keys cannot use imported material.</span>}
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
        You are responsible for keeping a copy of the material. If it expires or is deleted, the key cannot decrypt
        until you import the <strong>same</strong> material again. Other material is always refused. The key does not
        rotate.
      </p>
      <Check checked={understood} onChange={onChange}>
        I understand the implications of using external key material
      </Check>
    </div>
  </Note>
)

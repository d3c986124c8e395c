/** What a key is called: its description, its aliases, its tags. None of them decides anything; all of it is text. */
import { useState } from "react"
import type { FormEvent } from "react"
import type { KeyRow } from "../../protocol.ts"
import { aliasNameOf, aliasProblem } from "../data/aliases.ts"
import { refreshKey } from "../data/store.ts"
import { useAction } from "../data/useAction.ts"
import type { Action } from "../data/useAction.ts"
import { Button, Empty, Field, Note, Refused } from "../parts/basic.tsx"

export const NamesTab = ({ row }: { readonly row: KeyRow }) => (
  <div className="columns">
    <Description row={row} />
    <Aliases row={row} />
    <Tags row={row} />
  </div>
)

const submitting = (act: () => void) => (event: FormEvent) => {
  event.preventDefault()
  act()
}

const Description = ({ row }: { readonly row: KeyRow }) => {
  const action = useAction()
  const [text, setText] = useState(row.description)
  const off = action.busy ? "Saving…" : text === row.description ? "No changes." : undefined
  return (
    <section className="card">
      <h2>Description</h2>
      <form
        className="stack"
        onSubmit={submitting(() => {
          if (off === undefined) void action.run("UpdateKeyDescription", { KeyId: row.keyId, Description: text })
        })}
      >
        <Field label="Text">
          {(ids) => <textarea {...ids} rows={3} value={text} onChange={(event) => setText(event.target.value)} />}
        </Field>
        <Refused refusal={action.refusal} />
        <Button type="submit" off={off}>
          Save
        </Button>
      </form>
    </section>
  )
}

/** Runs an operation that does not name the key by KeyId, and shows the key anew. */
const withRefresh =
  (action: Action, keyId: string) => async (operation: string, given: Readonly<Record<string, string>>) => {
    const reply = await action.run(operation, given)
    if (reply !== undefined) await refreshKey(keyId)
    return reply
  }

const Aliases = ({ row }: { readonly row: KeyRow }) => {
  const action = useAction()
  const run = withRefresh(action, row.keyId)
  const [name, setName] = useState("")
  const off = aliasNameOf(name) === undefined ? "Enter a name." : aliasProblem(name)
  const add = async (): Promise<void> => {
    const wanted = aliasNameOf(name)
    if (off !== undefined || wanted === undefined) return
    if ((await run("CreateAlias", { KeyId: row.keyId, AliasName: wanted })) !== undefined) setName("")
  }
  return (
    <section className="card">
      <h2>Aliases</h2>
      <div className="stack">
        {row.aliases === undefined ? (
          <Note tone="calm">Your access key may not list aliases.</Note>
        ) : row.aliases.length === 0 ? (
          <Empty>None: applications can call it by its id only.</Empty>
        ) : (
          <ul className="stack tight">
            {row.aliases.map((alias) => (
              <li key={alias} className="row between">
                <code>{alias}</code>
                <Button
                  small
                  look="danger"
                  aria-label={`Delete ${alias}`}
                  onClick={() => void run("DeleteAlias", { AliasName: alias })}
                >
                  Delete
                </Button>
              </li>
            ))}
          </ul>
        )}
        <form className="stack tight" onSubmit={submitting(() => void add())}>
          <Field label="New alias" hint="The word alias/ is put before it.">
            {(ids) => (
              <input {...ids} value={name} onChange={(event) => setName(event.target.value)} spellCheck={false} />
            )}
          </Field>
          <Refused refusal={action.refusal} />
          <Button type="submit" off={off}>
            Add alias
          </Button>
        </form>
      </div>
    </section>
  )
}

const Tags = ({ row }: { readonly row: KeyRow }) => {
  const action = useAction()
  const [key, setKey] = useState("")
  const [value, setValue] = useState("")
  const add = async (): Promise<void> => {
    const Tags = JSON.stringify([{ TagKey: key, TagValue: value }])
    if ((await action.run("TagResource", { KeyId: row.keyId, Tags })) === undefined) return
    setKey("")
    setValue("")
  }
  const entries = Object.entries(row.tags ?? {})
  return (
    <section className="card">
      <h2>Tags</h2>
      <div className="stack">
        {row.tags === undefined ? (
          <Note tone="calm">Your access key may not list the tags of this key.</Note>
        ) : entries.length === 0 ? (
          <Empty>None.</Empty>
        ) : (
          <ul className="stack tight">
            {entries.map(([name, text]) => (
              <li key={name} className="row between">
                <span className="tag">
                  {name}
                  {text !== "" && `=${text}`}
                </span>
                <Button
                  small
                  look="danger"
                  aria-label={`Remove tag ${name}`}
                  onClick={() =>
                    void action.run("UntagResource", { KeyId: row.keyId, TagKeys: JSON.stringify([name]) })
                  }
                >
                  Remove
                </Button>
              </li>
            ))}
          </ul>
        )}
        <form className="stack tight" onSubmit={submitting(() => void add())}>
          <Field label="Tag key">
            {(ids) => <input {...ids} value={key} onChange={(event) => setKey(event.target.value)} />}
          </Field>
          <Field label="Tag value">
            {(ids) => <input {...ids} value={value} onChange={(event) => setValue(event.target.value)} />}
          </Field>
          <Refused refusal={action.refusal} />
          <Button type="submit" off={key === "" ? "Enter a key." : undefined}>
            Add tag
          </Button>
        </form>
      </div>
    </section>
  )
}

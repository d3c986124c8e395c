/** A key's description, aliases and tags. None of them affects what the key may do. */
import { useState } from "react"
import type { FormEvent, ReactNode } from "react"
import type { KeyRow } from "../../protocol.ts"
import { addAlias, aliasNameOf, aliasProblem } from "../data/aliases.ts"
import { refreshKey } from "../data/store.ts"
import { useAction } from "../data/useAction.ts"
import type { Action } from "../data/useAction.ts"
import { Button, Empty, Field, Note, Refused } from "../parts/basic.tsx"
import { t } from "../text/text.ts"

interface RowProps {
  readonly row: KeyRow
}

export const NamesTab = ({ row }: RowProps) => (
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

const Description = ({ row }: RowProps) => {
  const action = useAction()
  const [text, setText] = useState(row.description)
  const lack = text === row.description ? t("No changes.") : undefined
  const off = action.busy ? t("Saving…") : lack
  return (
    <section className="card">
      <h2>{t("Description")}</h2>
      <form
        className="stack"
        onSubmit={submitting(() => {
          if (off === undefined) void action.run("UpdateKeyDescription", { KeyId: row.keyId, Description: text })
        })}
      >
        <Field label={t("Text")}>
          {(ids) => <textarea {...ids} rows={3} value={text} onChange={(event) => setText(event.target.value)} />}
        </Field>
        <Refused refusal={action.refusal} />
        <Button type="submit" off={off}>
          {t("Save")}
        </Button>
      </form>
    </section>
  )
}

interface ListProps<A> {
  /** Undefined if the caller may not list them. */
  readonly items: ReadonlyArray<A> | undefined
  readonly forbidden: string
  readonly none: string
  readonly children: (item: A) => ReactNode
}

const List = <A,>({ items, forbidden, none, children }: ListProps<A>) => {
  if (items === undefined) return <Note tone="calm">{forbidden}</Note>
  return items.length === 0 ? <Empty>{none}</Empty> : <ul className="stack tight">{items.map(children)}</ul>
}

const Aliases = ({ row }: RowProps) => {
  const action = useAction()
  const [name, setName] = useState("")
  const lack = aliasNameOf(name) === undefined ? t("Enter a name.") : aliasProblem(name)
  const off = action.busy ? t("Adding…") : lack
  const add = async (): Promise<void> => {
    const wanted = aliasNameOf(name)
    if (off !== undefined || wanted === undefined) return
    if (await addAlias(action, row.keyId, wanted)) setName("")
  }
  const remove = async (alias: string): Promise<void> => {
    await action.run("DeleteAlias", { AliasName: alias })
    await refreshKey(row.keyId)
  }
  return (
    <section className="card">
      <h2>{t("Aliases")}</h2>
      <div className="stack">
        <List
          items={row.aliases}
          forbidden={t("You are not allowed to list aliases.")}
          none={t("No aliases. Applications must use the key id.")}
        >
          {(alias) => (
            <li key={alias} className="row between">
              <code>{alias}</code>
              <Button
                small
                look="danger"
                off={action.busy ? t("Working…") : undefined}
                aria-label={t("Delete {name}", { name: alias })}
                onClick={() => void remove(alias)}
              >
                {t("Delete")}
              </Button>
            </li>
          )}
        </List>
        <form className="stack tight" onSubmit={submitting(() => void add())}>
          <Field label={t("New alias")} hint={t("The prefix alias/ is added.")}>
            {(ids) => (
              <input {...ids} value={name} onChange={(event) => setName(event.target.value)} spellCheck={false} />
            )}
          </Field>
          <Refused refusal={action.refusal} />
          <Button type="submit" off={off}>
            {t("Add alias")}
          </Button>
        </form>
      </div>
    </section>
  )
}

const Tags = ({ row }: RowProps) => {
  const action = useAction()
  const remove = (name: string): void =>
    void action.run("UntagResource", { KeyId: row.keyId, TagKeys: JSON.stringify([name]) })
  return (
    <section className="card">
      <h2>{t("Tags")}</h2>
      <div className="stack">
        <List
          items={row.tags === undefined ? undefined : Object.entries(row.tags)}
          forbidden={t("You are not allowed to list the tags of this key.")}
          none={t("No tags.")}
        >
          {([name, text]) => (
            <li key={name} className="row between">
              <span className="tag">{text === "" ? name : `${name}=${text}`}</span>
              <Button
                small
                look="danger"
                off={action.busy ? t("Working…") : undefined}
                aria-label={t("Remove tag {name}", { name })}
                onClick={() => remove(name)}
              >
                {t("Remove")}
              </Button>
            </li>
          )}
        </List>
        <NewTag row={row} action={action} />
      </div>
    </section>
  )
}

const NewTag = ({ row, action }: { readonly row: KeyRow; readonly action: Action }) => {
  const [key, setKey] = useState("")
  const [value, setValue] = useState("")
  const lack = key === "" ? t("Enter a tag key.") : undefined
  const off = action.busy ? t("Adding…") : lack
  const add = async (): Promise<void> => {
    if (off !== undefined) return
    const Tags = JSON.stringify([{ TagKey: key, TagValue: value }])
    if ((await action.run("TagResource", { KeyId: row.keyId, Tags })) === undefined) return
    setKey("")
    setValue("")
  }
  return (
    <form className="stack tight" onSubmit={submitting(() => void add())}>
      <Field label={t("Tag key")}>
        {(ids) => <input {...ids} value={key} onChange={(event) => setKey(event.target.value)} />}
      </Field>
      <Field label={t("Tag value")}>
        {(ids) => <input {...ids} value={value} onChange={(event) => setValue(event.target.value)} />}
      </Field>
      <Refused refusal={action.refusal} />
      <Button type="submit" off={off}>
        {t("Add tag")}
      </Button>
    </form>
  )
}

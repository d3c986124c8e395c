/** RAM as a simple model: sets of names and pairs, and the answer of each call. */

export type Kind = "User" | "Group" | "Role"
export type PolicyType = "Custom" | "System"

/** One call of a sequence, with few names so that calls conflict. */
export type Step =
  | { readonly is: "create" | "delete"; readonly kind: Kind; readonly name: string }
  | { readonly is: "rename"; readonly kind: "User" | "Group"; readonly name: string; readonly to: string }
  | { readonly is: "createPolicy"; readonly policy: string }
  | { readonly is: "createVersion"; readonly policy: string; readonly asDefault: boolean }
  | { readonly is: "deletePolicy"; readonly policy: string; readonly cascading: boolean }
  | { readonly is: "setDefault" | "deleteVersion"; readonly policy: string; readonly version: number }
  | {
      readonly is: "attach" | "detach"
      readonly kind: Kind
      readonly name: string
      readonly policy: string
      readonly type: PolicyType
    }
  | { readonly is: "join" | "leave"; readonly user: string; readonly group: string }
  | { readonly is: "createKey" | "deleteKey"; readonly user: string }
  | { readonly is: "createLogin" | "deleteLogin"; readonly user: string }

type VersionStep =
  | Extract<Step, { readonly is: "createVersion" }>
  | Extract<Step, { readonly is: "setDefault" | "deleteVersion" }>

interface Versions {
  next: number
  default: number
  readonly numbers: Set<number>
}

const systemPolicy = "AliyunKMSReadOnlyAccess"

export class NaiveModel {
  readonly names: Readonly<Record<Kind, Set<string>>> = { User: new Set(), Group: new Set(), Role: new Set() }
  readonly policies = new Map<string, Versions>()
  /** `User alice Custom readers` */
  readonly attached = new Set<string>()
  /** `alice devs` */
  readonly members = new Set<string>()
  /** The number of access keys of a user. */
  readonly keys = new Map<string, number>()
  readonly logins = new Set<string>()

  /** The answer of the call; the model has the state after it. */
  answer(step: Step): string {
    switch (step.is) {
      case "create":
        return this.#create(step.kind, step.name)
      case "delete":
        return this.#delete(step.kind, step.name)
      case "rename":
        return this.#rename(step.kind, step.name, step.to)
      case "createPolicy":
        return this.#createPolicy(step.policy)
      case "deletePolicy":
        return this.#deletePolicy(step.policy, step.cascading)
      case "createVersion":
      case "setDefault":
      case "deleteVersion":
        return this.#version(step)
      case "attach":
      case "detach":
        return this.#attachment(step)
      case "join":
      case "leave":
        return this.#membership(step)
      case "createKey":
      case "deleteKey":
        return this.#key(step)
      case "createLogin":
      case "deleteLogin":
        return this.#login(step)
      default:
        return step satisfies never
    }
  }

  holds(kind: Kind, name: string): boolean {
    return [...this.attached].some((each) => each.startsWith(`${kind} ${name} `))
  }

  #create(kind: Kind, name: string): string {
    if (this.names[kind].has(name)) return `EntityAlreadyExists.${kind}`
    this.names[kind].add(name)
    return "ok"
  }

  #delete(kind: Kind, name: string): string {
    if (!this.names[kind].has(name)) return `EntityNotExist.${kind}`
    if (kind === "User" && (this.keys.get(name) ?? 0) > 0) return "DeleteConflict.User.AccessKey"
    const hasMember = [...this.members].some((pair) => pair.endsWith(` ${name}`))
    if (kind === "Group" && hasMember) return "DeleteConflict.Group.User"
    if (this.holds(kind, name)) return `DeleteConflict.${kind}.Policy`
    const isMember = [...this.members].some((pair) => pair.startsWith(`${name} `))
    if (kind === "User" && isMember) return "DeleteConflict.User.Group"
    if (kind === "User" && this.logins.has(name)) return "DeleteConflict.User.LoginProfile"
    this.names[kind].delete(name)
    return "ok"
  }

  #rename(kind: "User" | "Group", name: string, to: string): string {
    if (!this.names[kind].has(name)) return `EntityNotExist.${kind}`
    if (name === to) return "ok"
    if (this.names[kind].has(to)) return `EntityAlreadyExists.${kind}`
    this.names[kind].delete(name)
    this.names[kind].add(to)
    for (const each of [...this.attached].filter((each) => each.startsWith(`${kind} ${name} `))) {
      this.attached.delete(each)
      this.attached.add(each.replace(`${kind} ${name} `, `${kind} ${to} `))
    }
    const place = kind === "User" ? 0 : 1
    for (const pair of this.members
      .values()
      .filter((pair) => pair.split(" ")[place] === name)
      .toArray()) {
      this.members.delete(pair)
      this.members.add(pair.split(" ").with(place, to).join(" "))
    }
    if (kind === "Group") return "ok"
    this.keys.set(to, this.keys.get(name) ?? 0)
    this.keys.delete(name)
    if (this.logins.delete(name)) this.logins.add(to)
    return "ok"
  }

  #createPolicy(policy: string): string {
    if (this.policies.has(policy)) return "EntityAlreadyExists.Policy"
    this.policies.set(policy, { next: 2, default: 1, numbers: new Set([1]) })
    return "ok"
  }

  #deletePolicy(policy: string, cascading: boolean): string {
    const versions = this.policies.get(policy)
    if (versions === undefined) return "EntityNotExist.Policy"
    for (const kind of ["User", "Group", "Role"] as const) {
      const isHeld = (each: string): boolean => each.startsWith(`${kind} `) && each.endsWith(` Custom ${policy}`)
      if ([...this.attached].some(isHeld)) return `DeleteConflict.Policy.${kind}`
    }
    if (versions.numbers.size > 1 && !cascading) return "DeleteConflict.Policy.Version"
    this.policies.delete(policy)
    return "ok"
  }

  #version(step: VersionStep): string {
    const versions = this.policies.get(step.policy)
    if (versions === undefined) return "EntityNotExist.Policy"
    if (step.is === "createVersion") {
      if (versions.numbers.size === 5) return "LimitExceeded.Policy.Version"
      if (step.asDefault) versions.default = versions.next
      versions.numbers.add(versions.next++)
      return "ok"
    }
    if (!versions.numbers.has(step.version)) return "EntityNotExist.Policy.Version"
    if (step.is === "setDefault") {
      versions.default = step.version
      return "ok"
    }
    if (versions.default === step.version) return "DeleteConflict.Policy.Version.Default"
    versions.numbers.delete(step.version)
    return "ok"
  }

  #attachment({ is, kind, name, policy, type }: Extract<Step, { readonly is: "attach" | "detach" }>): string {
    if (!this.names[kind].has(name)) return `EntityNotExist.${kind}`
    const isThere = type === "Custom" ? this.policies.has(policy) : policy === systemPolicy
    if (!isThere) return "EntityNotExist.Policy"
    const pair = `${kind} ${name} ${type} ${policy}`
    if (is === "detach") return this.attached.delete(pair) ? "ok" : `EntityNotExist.${kind}.Policy`
    if (this.attached.has(pair)) return `EntityAlreadyExists.${kind}.Policy`
    this.attached.add(pair)
    return "ok"
  }

  #membership({ is, user, group }: Extract<Step, { readonly is: "join" | "leave" }>): string {
    if (!this.names.User.has(user)) return "EntityNotExist.User"
    if (!this.names.Group.has(group)) return "EntityNotExist.Group"
    const pair = `${user} ${group}`
    if (is === "leave") return this.members.delete(pair) ? "ok" : "EntityNotExist.User.Group"
    if (this.members.has(pair)) return "EntityAlreadyExists.User.Group"
    this.members.add(pair)
    return "ok"
  }

  #key({ is, user }: Extract<Step, { readonly is: "createKey" | "deleteKey" }>): string {
    if (!this.names.User.has(user)) return "EntityNotExist.User"
    const count = this.keys.get(user) ?? 0
    if (is === "createKey" && count === 2) return "LimitExceeded.User.AccessKey"
    if (is === "deleteKey" && count === 0) return "EntityNotExist.User.AccessKey"
    this.keys.set(user, is === "createKey" ? count + 1 : count - 1)
    return "ok"
  }

  #login({ is, user }: Extract<Step, { readonly is: "createLogin" | "deleteLogin" }>): string {
    if (!this.names.User.has(user)) return "EntityNotExist.User"
    if (is === "deleteLogin") return this.logins.delete(user) ? "ok" : "EntityNotExist.User.LoginProfile"
    if (this.logins.has(user)) return "EntityAlreadyExists.User.LoginProfile"
    this.logins.add(user)
    return "ok"
  }
}

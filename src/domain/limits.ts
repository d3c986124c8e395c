/** Every bound the service keeps, each with what sets it. */

/** API, common parameters: a request's timestamp may be this far from the server's clock. */
export const timestampSkewMillis = 15 * 60 * 1000
/** Twice the timestamp window: after this a replayed request fails by its timestamp alone. */
export const nonceLifetimeMillis = 2 * timestampSkewMillis
/** A nonce longer than this is refused: it would be kept in memory for half an hour. */
export const nonceCharsMax = 256

/** What is read of a request that is too large, so that its client gets to read the answer. */
export const droppedBytesMax = 64 * 1024 * 1024
export const requestTimeoutMillis = 15_000
export const headersTimeoutMillis = 10_000
export const handshakeTimeoutMillis = 10_000
export const connectionsMax = 4096
/** Ours: one address holds at most a quarter of the connections, more than the pools of SDKs and load tests on one machine. */
export const connectionsPerAddressDefault = 1024
/** `serve` waits this long at its start for a database that cannot be reached yet, seconds. */
export const storeWaitSeconds = { default: 60, maximum: 3600 } as const
/** A server that stops waits this long for clients: to finish what they send, and to read what they are sent. */
export const drainMillis = 5000
/** And then this long for requests that are being carried out. */
export const executionMillis = 5000
/** A connection of a server that stops is closed once it was idle for this long: its client may be about to send. */
export const lingerMillis = 500

/** API, CreateKey and UpdateKeyDescription. */
export const descriptionCharsMax = 8192
/** API, EncryptionContext. */
export const encryptionContextCharsMax = 8192
/** An entry of a context has at least these characters in JSON: `"":"",`. ReEncrypt takes two contexts, in parts. */
export const requestParametersMax = 2 * Math.ceil(encryptionContextCharsMax / 6) + 200
/** User guide 4.1: Encrypt takes up to 6 KB. */
export const plaintextBytesMax = 6144
/** A blob holds at most the Base64 text of 6 KB, its header and tag; anything longer is refused before it is decoded. */
export const ciphertextBlobCharsMax = 16 * 1024
/** The longest SM2 ciphertext, 6,159 bytes in DER, as Base64 in lines of 64 characters that end with CR and LF. */
export const asymmetricCharsMax = 8_480
/** API, import: a wrapping ciphertext has 256 bytes, an import token fewer; both leave room for line ends. */
export const wrappedMaterialCharsMax = 1024
export const importTokenCharsMax = 1024
/** The SubjectPublicKeyInfo of a 2048-bit RSA key has 294 bytes. */
export const publicKeyCharsMax = 2048
/** A subject with every part that has a keyword, at its longest, has about 1,500 characters. */
export const subjectCharsMax = 2048
/** Certification authorities take about a hundred names in one certificate. */
export const alternativeNamesMax = 100
/** RFC 5321, section 4.5.3.1.3: the longest mailbox; a host has 253. */
export const alternativeNameCharsMax = 254
/** The last second of the year 9999: instants are written with four digits for the year. */
export const instantSecondsMax = 253_402_300_799
/** API, GenerateDataKey. */
export const dataKeyBytesMax = 1024
/** API, ScheduleKeyDeletion: 7 to 30 days in the user guide, up to 366 since 2022, which a setting allows. */
export const pendingWindowInDays = { minimum: 7, maximum: 30, default: 30, settableMaximum: 366 } as const
/** API, lists. */
export const page = { sizeMinimum: 1, sizeMaximum: 100, sizeDefault: 10 } as const
/** API, ListKeyVersions and ListAliasesByKeyId: their pages are documented up to 101. */
export const longPageSizeMaximum = 101
/** API, ListKeys: filters, and values of a filter. */
export const filtersMax = 10
/** The longest filters: values of 128 characters, each written as an escape of JSON, `\\ud83d\\ude00`. */
export const filtersCharsMax = filtersMax * filtersMax * (128 * 12 + 4) + filtersMax * 40
/** User guide 8.2: a rotation interval lies between 7 and 730 days. */
export const rotationIntervalSeconds = { minimum: 7 * 86_400, maximum: 730 * 86_400 } as const
/** API, quotas, for each account and region; service keys are not counted. */
export const keysPerRealmMax = 200
export const aliasesPerRealmMax = 300
/** API, CreateKeyVersion, for each asymmetric key. The machine refuses more. */
export const versionsPerKeyMax = 50
/** API, tags: a key takes 10 by TagResource, 20 by the operations that take several resources. */
export const tagsPerCallMax = { one: 10, many: 20 } as const
export const tagKeyBytesMax = 128
export const tagValueCharsMax = 128
export const resourcesPerCallMax = 50
export const tagRowsPerPage = 200

/** RAM, limits: what a custom policy may hold (2,048 until 2021). */
export const policyCharsMax = 6144
/** API, SetKeyPolicy. */
export const keyPolicyBytesMax = 32_768
export const policySidCharsMax = 128
/** Ours: a trust policy may be as long as a policy of RAM. */
export const trustPolicyCharsMax = policyCharsMax
/** A policy, its Statement, a statement, its Condition, an operator, a key's values: nothing lies deeper. */
export const policyDepthMax = 6
/** RAM, limits (December 2025): what an account may hold, and what may be attached to a user, group or role. */
export const usersMax = 5000
export const groupsMax = 300
export const rolesMax = 1000
export const policiesMax = 1500
export const accessKeysPerUserMax = 2
export const groupsPerUserMax = 10
export const policiesPerHolderMax = { Custom: 10, System: 20 } as const
export const policyVersionsMax = 5
/** RAM, CreateUser and its relatives. */
export const commentsCharsMax = 128
export const ramDescriptionCharsMax = 1024
/** RAM, lists. */
export const ramPage = { minimum: 1, maximum: 1000, default: 100 } as const
/** RAM, CreateRole: how long sessions of a role may last. */
export const roleSessionSeconds = { minimum: 3600, maximum: 43_200, default: 3600 } as const
/** STS, AssumeRole. */
/** Ours: how many sessions may depend on each other. Each one is part of the token of the next. */
export const sessionChainMax = 8
export const externalIdChars = { minimum: 2, maximum: 1224 } as const
/** Ours: a server for tests has few accounts, and one root may make them all. */
export const accountsMax = 1000
/** RAM, limits: names of users and roles, and of policies. */
export const principalNameCharsMax = 64
export const policyNameCharsMax = 128
/** STS, AssumeRole. */
export const sessionSeconds = { minimum: 900, maximum: 43_200, default: 3600 } as const
export const sessionNameChars = { minimum: 2, maximum: 64 } as const
export const sessionPolicyCharsMax = 2048

/** Requests that may wait for one key before the answer is Rejected.Throttling. */
export const mailboxDepthMax = 256
/** A key not used for this long gives up its actor and the material it holds open. */
export const actorIdleMillis = 5 * 60 * 1000
/** The clock service never sleeps longer than this, however far the next deadline is. */
export const clockSleepMillisMax = 60_000
/**
 * A machine's clock this close to elapsed time is followed. The same as the window of request timestamps: a clock that is
 * off by more refuses requests.
 */
export const clockToleranceMillis = timestampSkewMillis
/** A jump of more than this ends by a person's word only; a machine may be off for this long without a question. */
export const clockStepMillisMax = 24 * 60 * 60 * 1000
/** A smaller jump forward is followed once the clock has kept its distance for this long. */
export const clockSteadyMillis = 60 * 60 * 1000
/** A distance that changes by less than this has been kept. */
export const clockWobbleMillis = 60_000
/** How fast a clock may drift: twice what NTP corrects (RFC 5905, 500 parts in a million). */
export const clockDriftMax = 0.001
/** The machine's clock is compared with elapsed time when it has moved by more than this since it last was. */
export const clockLookMillisMax = 2 * clockSleepMillisMax
/** While the machine's clock is not followed, it is compared no more often than this. */
export const clockLookMillisMin = 1000
/** A use's audit record reaches the disk within this time. */
export const auditFlushMillis = 50

/** An engine on a shared store says this often that it is there. */
export const nodeBeatMillis = 10_000
/** An engine that was silent for so long, four times in a row, has ended or cannot reach the store. */
export const nodeLostMillis = 4 * nodeBeatMillis
/** An engine that was silent for so long is taken off the list. */
export const nodeForgottenMillis = 24 * 60 * 60 * 1000
/** A page of the audit log: records on it, and lines looked through for them before the answer is given. */
export const auditPageSize = { minimum: 1, maximum: 1000, default: 100 } as const
/** A page of a key's journal. */
export const keyEventsPage = { minimum: 1, maximum: 1000, default: 200 } as const
export const auditLinesPerPageMax = 20_000

export const dayMillis = 86_400_000

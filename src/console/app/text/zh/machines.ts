/** Simplified Chinese: the titles, guards, invariants and hints of the state machines. */
import { translations } from "../placeholders.ts"

export const machines = translations({
  "The life of a customer master key": "用户主密钥的生命周期",
  "The life of an import token": "导入令牌的生命周期",

  "Origin EXTERNAL": "来源为 EXTERNAL",
  "Origin EXTERNAL and same material": "来源为 EXTERNAL 且密钥材料相同",
  else: "否则",
  "else if policy on": "否则，如果轮转策略已开启",
  "cannot rotate": "不能轮转",
  "not protected": "未开启删除保护",
  "material present": "密钥材料存在",
  "lifecycle Enabled": "生命周期为 Enabled",
  "not lifecycle Enabled": "生命周期不为 Enabled",
  "lifecycle Enabled and turned on": "生命周期为 Enabled 且开启轮转",
  "16th time": "第 16 次",
  "refused 16 times": "已被拒绝 16 次",

  "A key that may be used has its material.": "可以使用的密钥有密钥材料。",
  "Only an external key without material is PendingImport.": "只有没有密钥材料的外部密钥处于 PendingImport。",
  "A deleted key has no material, no deadline and no work left.": "已删除的密钥没有密钥材料、到期时间和未完成的工作。",
  "A key has a deletion date exactly while it is PendingDeletion.": "密钥仅在 PendingDeletion 时有删除日期。",
  "A key created by the service keeps its material until it is deleted.":
    "由服务创建的密钥在删除之前一直保留密钥材料。",
  "Only imported material can expire, and only while the key has it.":
    "只有导入的密钥材料会过期，且仅在密钥拥有该材料时。",
  "A usable symmetric key has one primary version, an asymmetric key none.":
    "可用的对称密钥有一个主版本，非对称密钥没有主版本。",
  "Rotation is Suspended exactly while its policy is on and the key is not Enabled.":
    "仅当轮转策略开启且密钥不为 Enabled 时，轮转为 Suspended。",
  "The next rotation date is known exactly while the policy is on.": "仅当轮转策略开启时，有下一次轮转日期。",
  "A key whose rotation is Unsupported has no policy.": "轮转为 Unsupported 的密钥没有轮转策略。",
  "A key keeps the fingerprint of its imported material forever.": "密钥永久保留其导入材料的指纹。",
  "A key has at least one version, and an external key exactly one.": "密钥至少有一个版本，外部密钥只有一个版本。",

  "The key is Enabled.": "密钥已启用。",
  "The key is deleted; create another.": "密钥已删除，请创建新的密钥。",
  "Import the key material first, on the Material tab.": "请先在“密钥材料”标签页导入密钥材料。",
  "Enable the key first.": "请先启用密钥。",
  "Cancel the deletion first.": "请先取消删除。",
  "This operation is not for symmetric keys created by the service.": "此操作不适用于由服务创建的对称密钥。",
  "This operation is not for asymmetric keys, or not for an asymmetric key of this usage.":
    "此操作不适用于非对称密钥，或不适用于此用途的非对称密钥。",
  "This operation is not for keys with imported material.": "此操作不适用于导入密钥材料的密钥。",
  "A cloud service manages the key; users may only view it.": "此密钥由云服务管理，用户只能查看。",
  "Only keys created with Origin EXTERNAL accept material.": "只有来源为 EXTERNAL 的密钥可以导入密钥材料。",
  "Only a PendingDeletion key has a deletion to cancel.": "只有处于 PendingDeletion 的密钥可以取消删除。",
  "The deletion is already scheduled; call CancelKeyDeletion first to choose another date.":
    "已计划删除；如需更改日期，请先调用 CancelKeyDeletion。",
  "Deletion protection is on; switch it off first with SetDeletionProtection.":
    "删除保护已开启；请先用 SetDeletionProtection 关闭。",
  "The newest version is less than 7 days old; a key gets at most one version in 7 days.":
    "最新版本创建不足 7 天；密钥每 7 天最多创建一个版本。",
  "An asymmetric key has at most 50 versions.": "非对称密钥最多有 50 个版本。"
})

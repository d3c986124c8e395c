/** Simplified Chinese: sign-in, overview, machines, sandbox and conformance. */
import { translations } from "../placeholders.ts"

export const pages = translations({
  "Sign in": "登录",
  "When the server starts, it prints a link that signs you in once as the root of the account. In the console you have the permissions of your access key. The audit log records every call.":
    "服务器启动时会输出一个链接，可用它以主账号身份登录一次。在控制台中，您拥有所用访问密钥的权限。审计日志会记录每次调用。",
  "AccessKey ID": "AccessKey ID",
  "AccessKey secret": "AccessKey Secret",
  "Temporary credentials": "临时凭证",
  "Security token": "安全令牌（SecurityToken）",
  "From AssumeRole, for an AccessKey ID that begins with STS.": "由 AssumeRole 返回，用于以 STS. 开头的 AccessKey ID。",
  "Signing in…": "正在登录…",

  "The keys in {region} could not be read.": "无法读取 {region} 的密钥。",
  "{keys} in {region}": "{region}：{keys}",
  "You can list but not view {count} of these keys; they are left out below. To view them, you need kms:DescribeKey.":
    "其中 {count} 个密钥您可以列出但不能查看，下方未包含这些密钥。查看它们需要 kms:DescribeKey 权限。",
  "Keys by state": "各状态的密钥",
  "Next deadlines": "即将到期",
  "No deadlines: no key is going to rotate, expire or be deleted.": "没有到期事项：没有密钥将要轮转、过期或被删除。",
  "and {count} more": "还有 {count} 项",
  "No rotation is suspended. Attempted uses are in the audit log, which only the account's root can read.":
    "没有暂停的轮转。使用尝试记录在审计日志中，只有主账号可以读取。",
  "No rotation is suspended. Searching for attempted uses…": "没有暂停的轮转。正在搜索使用尝试…",
  "No rotation is suspended. No attempted use of a key pending deletion was found so far.":
    "没有暂停的轮转。到目前为止，没有发现对待删除密钥的使用尝试。",
  "Nothing: no key pending deletion was used, and no rotation is suspended.":
    "没有：没有人使用待删除的密钥，也没有暂停的轮转。",
  "Needs attention": "需要关注",
  "{keys} more with suspended rotation": "还有 {keys}的轮转已暂停",
  "{key} is pending deletion but still in use: one attempt by {principal} with {operation} ({time})":
    "{key} 待删除但仍在使用：{principal} 尝试了 1 次 {operation}（{time}）",
  "{key} is pending deletion but still in use: {count} attempts, the newest by {principal} with {operation} ({time})":
    "{key} 待删除但仍在使用：共 {count} 次尝试，最近一次是 {principal} 的 {operation}（{time}）",
  "{key} does not rotate: rotation is suspended while the key is {state}":
    "{key} 不会轮转：密钥处于 {state} 时轮转暂停",

  "These diagrams are drawn from the state machines that decide every request.":
    "这些状态图由决定每个请求的状态机绘制，图中文字为英文。",
  Machine: "状态机",
  automatically: "自动",
  "on schedule: ": "按计划：",
  Start: "开始",
  Transitions: "转换",
  Invariants: "不变式",

  "A key that exists only on this page. The same state machine decides as for real keys.":
    "只存在于此页面的密钥，由与真实密钥相同的状态机决定。",
  "Start over": "重新开始",
  "Kind of key": "密钥类型",
  "The sandbox key: {state}, rotation {rotation}": "沙箱密钥：{state}，轮转{rotation}",
  Call: "调用",
  Clock: "时钟",
  "There is no deadline.": "没有到期时间。",
  Steps: "步骤",
  "As a shell script": "作为 Shell 脚本",
  "Copy the script": "复制脚本",
  Script: "脚本",
  "As a test": "作为测试",
  "Copy the test": "复制测试",
  Test: "测试",

  "Open a report written by {command}. The file stays in this browser.":
    "打开由 {command} 写入的报告。文件只保留在此浏览器中。",
  Report: "报告",
  "This file cannot be shown: {fault} Choose the file that {option} wrote.":
    "无法显示此文件：{fault}请选择由 {option} 写入的文件。",
  "it is not JSON.": "它不是 JSON。",
  "it is not a report of the schema keystate-conformance/1.": "它不是 keystate-conformance/1 格式的报告。",
  "part of the report is missing.": "报告缺少部分内容。",
  "No report is open. To create one for this server, run {command}":
    "没有打开的报告。要为此服务器创建报告，请运行 {command}",
  "No required law is broken.": "没有违反必需的规则。",
  "A required law is broken.": "违反了必需的规则。",
  "The run could not be completed.": "运行未能完成。",
  "Too few cases were tested for a verdict.": "测试的用例太少，无法得出结论。",
  "{calls} calls in {runs} runs, seed {seed}": "{runs} 次运行中有 {calls} 次调用，种子 {seed}",
  Coverage: "覆盖率",
  States: "状态",
  "Operations in each state": "各状态下的操作",
  "Allowed calls": "允许的调用",
  "Refused calls": "被拒绝的调用",
  "Pairs of transitions": "转换对",
  Laws: "规则",
  "{reached} of {of}": "{reached} / {of}",
  broken: "被违反",
  known: "已知",
  fixed: "已修复",
  inconclusive: "无结论",
  skipped: "已跳过",
  passed: "通过",
  "Shrunk from {before} to {after} steps.": "已从 {before} 步缩减到 {after} 步。",
  "Replayed: the law broke again.": "已重放：规则再次被违反。",
  "Not reproduced.": "未能重现。",
  "Steps of {law}": "{law} 的步骤",
  Expected: "预期",
  Got: "实际",
  correct: "正确",
  wrong: "错误",
  unspecified: "未规定",
  "not tested": "未测试"
})

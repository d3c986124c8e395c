"""A toy key management service that the conformance suite can test: one JSON object a line, in and out."""
import base64, json, os, sys, uuid
from datetime import datetime, timezone
from hashlib import sha256

DAY = 86_400_000
OPERATIONS = ["CreateKey", "DescribeKey", "EnableKey", "DisableKey", "ScheduleKeyDeletion", "CancelKeyDeletion", "Encrypt", "Decrypt"]
keys, sealed, now = {}, {}, 1_767_225_600_000
STATUS = {"Forbidden.KeyNotFound": 404, "InvalidParameter": 400}  # every other refusal here is 409
class Refused(Exception): pass
def date(ms): return datetime.fromtimestamp(ms / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
def find(key_id):
    key = keys.get(key_id)
    if key and key["state"] == "PendingDeletion" and now >= key["deletion"]:
        key = keys.pop(key_id) and None  # its time has come
    if key is None: raise Refused("Forbidden.KeyNotFound")
    return key
def usable(key_id):
    key = find(key_id)
    if key["state"] != "Enabled": raise Refused("Rejected." + key["state"])
    return key
def size(text):  # in bytes: of what Base64 stands for, or of the text itself
    try: return len(base64.b64decode(text, validate=True))
    except ValueError: return len(text.encode("utf8", "surrogatepass"))
def shown(key):
    return {"KeyId": key["id"], "KeyState": key["state"], "CreationDate": date(key["made"]), "Description": key["text"],
            "KeySpec": "Aliyun_AES_256", "KeyUsage": "ENCRYPT/DECRYPT", "Origin": "Aliyun_KMS", "ProtectionLevel": "SOFTWARE",
            "DeleteDate": date(key["deletion"]) if key["state"] == "PendingDeletion" else ""}
def call(operation, ask):
    if operation == "CreateKey":
        key = {"id": str(uuid.uuid4()), "state": "Enabled", "made": now, "text": ask.get("Description", "")}
        keys[key["id"]] = key
        return {"KeyMetadata": shown(key)}
    if operation == "Decrypt":
        found = sealed.get(ask["CiphertextBlob"])
        if not found or found[2] != json.loads(ask.get("EncryptionContext", "{}")): raise Refused("InvalidParameter")
        return {"KeyId": usable(found[0])["id"], "Plaintext": found[1], "KeyVersionId": found[0]}
    if operation == "Encrypt":
        key = usable(ask["KeyId"])
        if size(ask["Plaintext"]) > 6144: raise Refused("InvalidParameter")
        blob = base64.b64encode(sha256(os.urandom(32)).digest()).decode()  # a handle: a toy keeps what it hides
        sealed[blob] = (key["id"], ask["Plaintext"], json.loads(ask.get("EncryptionContext", "{}")))
        return {"KeyId": key["id"], "CiphertextBlob": blob, "KeyVersionId": key["id"]}
    key = find(ask["KeyId"])
    if operation == "DescribeKey": return {"KeyMetadata": shown(key)}
    days = int(ask.get("PendingWindowInDays", 30))
    if not 7 <= days <= 30: raise Refused("InvalidParameter")
    if (key["state"] == "PendingDeletion") != (operation == "CancelKeyDeletion"): raise Refused("Rejected.StateModifiedFailed")
    key["state"] = {"DisableKey": "Disabled", "ScheduleKeyDeletion": "PendingDeletion"}.get(operation, "Enabled")
    key["deletion"] = now + days * DAY
    return {}
def answer(ask):
    global keys, sealed, now
    if ask["do"] == "describe": return {"name": "toy", "capabilities": {"operations": OPERATIONS, "clock": "virtual", "reset": "perRun", "profiles": ["core", "restart"]}}
    if ask["do"] == "start": keys.clear()
    if ask["do"] == "restart": keys, sealed = json.loads(json.dumps([keys, sealed]))  # what a service would read from its disk
    if ask["do"] == "advance": now += ask["millis"]
    if ask["do"] != "call": return {"ok": True, "now": now}
    try: return {"ok": True, "response": call(ask["operation"], ask["request"])}
    except Refused as refused: return {"ok": False, "code": str(refused), "httpStatus": STATUS.get(str(refused), 409)}

for line in sys.stdin:
    ask = json.loads(line)
    print(json.dumps({"id": ask["id"], **answer(ask)}), flush=True)

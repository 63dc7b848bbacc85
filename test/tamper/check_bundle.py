"""Checks an evidence bundle without any of AgentOS's code: signatures with securesystemslib, all else with hashlib and json.

Usage: check_bundle.py BUNDLE KEYS. Prints what was checked as one JSON line; ends with 1 and a sentence where something is wrong.
"""

import base64
import hashlib
import json
import sys

from securesystemslib.signer import Signature, SSlibKey

STATEMENT = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"


def main(bundle_file, keys_file):
    with open(bundle_file, "rb") as file:
        text = file.read()
    with open(keys_file, "rb") as file:
        pinned = json.load(file)["keys"]
    bundle = json.loads(text)
    require(canonical(bundle) == text, "the bundle is not canonical JSON")
    check_chain(bundle["events"])
    blobs = {blob["sha256"]: decode(blob["base64"]) for blob in bundle["blobs"]}
    for name, content in blobs.items():
        require(sha256(content) == name, f"blob {name} holds other bytes")
    keys = known_keys(pinned, bundle["events"])
    types = {}
    for envelope in [bundle["seal"], *filter(None, map(envelope_in, blobs.values()))]:
        statement = check_envelope(envelope, keys)
        types[statement["predicateType"]] = types.get(statement["predicateType"], 0) + 1
    check_seal(bundle, {key["keyid"] for key in pinned})
    size = check_place(bundle, keys)
    print(json.dumps({"envelopes": sum(types.values()), "log": size, "events": len(bundle["events"]), "types": types}))


def check_chain(events):
    before = None
    for place, event in enumerate(events, 1):
        body = {name: value for name, value in event.items() if name != "hash"}
        require(event["seq"] == place and event["prevHash"] == before, f"event {place} does not chain")
        require(sha256(canonical(body)) == event["hash"], f"event {place} has the hash of something else")
        before = event["hash"]


def known_keys(pinned, events):
    """The pinned controller keys, and those of the jobs that claimed a Grant: a key's id is the SHA-256 of its bytes."""
    spelled = [key["publicKey"] for key in pinned]
    spelled += [event["data"]["runnerKey"] for event in events if "runnerKey" in event["data"]]
    raws = [decode(text) for text in spelled]
    return {sha256(raw): SSlibKey(sha256(raw), "ed25519", "ed25519", {"public": raw.hex()}) for raw in raws}


def envelope_in(content):
    try:
        value = json.loads(content)
    except ValueError:
        return None
    return value if isinstance(value, dict) and "payloadType" in value else None


def check_envelope(envelope, keys):
    """DSSE v1: the signature is over PAE(type, payload); the payload is an in-toto Statement v1."""
    require(envelope["payloadType"] == PAYLOAD_TYPE, "an envelope has another type of payload")
    payload = decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    require(len(envelope["signatures"]) == 1, "an envelope has not one signature")
    [signature] = envelope["signatures"]
    key = keys.get(signature["keyid"])
    require(key is not None, f"nobody is known to have key {signature['keyid']}")
    try:
        key.verify_signature(Signature(key.keyid, decode(signature["sig"]).hex()), signed)
    except Exception as error:
        fail(f"a signature does not hold: {type(error).__name__}")
    statement = json.loads(payload)
    require(canonical(statement) == payload, "a statement is not canonical JSON")
    require(set(statement) == {"_type", "subject", "predicateType", "predicate"}, "a statement has other fields")
    require(statement["_type"] == STATEMENT, "a statement is of another type")
    require(isinstance(statement["predicateType"], str) and statement["predicateType"], "a statement has no predicate type")
    require(len(statement["subject"]) > 0, "a statement is about nothing")
    for subject in statement["subject"]:
        require(set(subject) == {"name", "digest"} and subject["name"], "a subject has no name")
    require(
        statement["subject"][0]["digest"] == {"sha256": sha256(canonical(statement["predicate"]))},
        "a statement is about other content than it holds",
    )
    return statement


def check_seal(bundle, controllers):
    seal = bundle["seal"]
    require(seal["signatures"][0]["keyid"] in controllers, "the seal is not of a pinned key")
    rest = {name: value for name, value in bundle.items() if name != "seal"}
    head = bundle["events"][-1]
    stated = json.loads(decode(seal["payload"]))["predicate"]
    expected = {"run": bundle["run"], "seq": head["seq"], "head": head["hash"], "sha256": sha256(canonical(rest))}
    for name, value in expected.items():
        require(stated[name] == value, f"the seal states another {name}")


def check_place(bundle, keys):
    """RFC 6962: the events stand at their positions under the signed root, whose log only grew since an earlier state."""
    log = bundle["log"]
    stated = check_envelope(log["checkpoint"], keys)["predicate"]
    leaves = {
        position - 1: digest(b"\0" + bytes.fromhex(event["hash"]))
        for position, event in zip(bundle["positions"], bundle["events"], strict=True)
    }
    proof = [bytes.fromhex(node) for node in log["proof"]]
    root = root_of_part(0, stated["size"], leaves, proof)
    require(not proof and root.hex() == stated["root"], "the events do not stand under the signed root")
    if log["since"] is not None:
        check_growth(log["since"], stated)
    return stated["size"]


def root_of_part(start, end, leaves, proof):
    """A part without a leaf of ours is one node of the proof, from left to right."""
    if not any(start <= place < end for place in leaves):
        require(proof, "the proof is too short")
        return proof.pop(0)
    if end - start == 1:
        return leaves[start]
    middle = start + split(end - start)
    left = root_of_part(start, middle, leaves, proof)
    return digest(b"\1" + left + root_of_part(middle, end, leaves, proof))


def check_growth(since, stated):
    proof = [bytes.fromhex(node) for node in since["proof"]]
    old, new = roots_by_growth(since["size"], stated["size"], bytes.fromhex(since["root"]), proof)
    holds = not proof and old.hex() == since["root"] and new.hex() == stated["root"]
    require(holds, "the log did not only grow since the earlier state")


def roots_by_growth(size, end, whole, proof):
    """RFC 6962, 2.1.2, read backwards: `whole` is the old root as long as the part begins where the tree begins."""
    if size == end:
        require(whole is not None or proof, "the proof is too short")
        node = whole if whole is not None else proof.pop(0)
        return node, node
    middle = split(end)
    if size <= middle:
        old, new = roots_by_growth(size, middle, whole, proof)
        require(proof, "the proof is too short")
        return old, digest(b"\1" + new + proof.pop(0))
    old, new = roots_by_growth(size - middle, end - middle, None, proof)
    require(proof, "the proof is too short")
    left = proof.pop(0)
    return digest(b"\1" + left + old), digest(b"\1" + left + new)


def split(count):
    """The largest power of two below."""
    return 1 << (count - 1).bit_length() - 1


def digest(content):
    return hashlib.sha256(content).digest()


def canonical(value):
    """RFC 8785 for what evidence holds: integers, and keys that sort alike by code point and by UTF-16."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def decode(text):
    return base64.b64decode(text, validate=True)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def require(holds, otherwise):
    if not holds:
        fail(otherwise)


def fail(because):
    print(because, file=sys.stderr)
    sys.exit(1)


main(*sys.argv[1:])

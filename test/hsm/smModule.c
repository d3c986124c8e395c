/*
 * A PKCS#11 module with SM2 and SM4 under vendor-defined numbers: SoftHSM's, with these added by means of libcrypto.
 * Keys are objects of SoftHSM,
     which keeps them on disk behind its PIN; to callers they are of the vendor's key types,
 * sensitive and not extractable, whatever SoftHSM thinks of them.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/asn1t.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>

#define CK_PTR *
#define CK_DECLARE_FUNCTION(returnType, name) returnType name
#define CK_DECLARE_FUNCTION_POINTER(returnType, name) returnType(*name)
#define CK_CALLBACK_FUNCTION(returnType, name) returnType(*name)
#define NULL_PTR 0
#include "pkcs11.h"

/* smModule.ts defines MODULE, each of the numbers, and the forms this token has its SM2 in. */
#define C1C3C2 1
#define C1C2C3 2
#define DER 3

static CK_FUNCTION_LIST *real;
static CK_FUNCTION_LIST added;

#define SCALAR 32
#define POINT 65
#define BLOCK 16
#define TAG 16
#define IV 12
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* 1.2.156.10197.1.301 */
static CK_BYTE sm2Curve[] = {0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d};
static CK_BBOOL yes = CK_TRUE;
static CK_BBOOL no = CK_FALSE;

/* ---- SM4 in Galois/counter mode (SP 800-38D, section 7): libcrypto may have no more than counter mode. ---- */

static void sm4(const EVP_CIPHER *mode, const CK_BYTE *key, const CK_BYTE *counter, const CK_BYTE *from,
    int length, CK_BYTE *to) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  int made = 0;
  EVP_EncryptInit_ex(context, mode, 0, key, counter);
  EVP_CIPHER_CTX_set_padding(context, 0);
  EVP_EncryptUpdate(context, to, &made, from, length);
  EVP_CIPHER_CTX_free(context);
}

/* Multiplication in GF(2^128), section 6.3. */
static void multiply(CK_BYTE *sum, const CK_BYTE *by) {
  CK_BYTE product[BLOCK] = {0}, v[BLOCK];
  memcpy(v, by, BLOCK);
  for (int bit = 0; bit < 128; bit++) {
    if (sum[bit / 8] & (0x80 >> (bit % 8))) for (int i = 0; i < BLOCK; i++) product[i] ^= v[i];
    int carry = v[BLOCK - 1] & 1;
    for (int i = BLOCK - 1; i > 0; i--) v[i] = (CK_BYTE)(v[i] >> 1 | v[i - 1] << 7);
    v[0] = (CK_BYTE)(v[0] >> 1 ^ (carry ? 0xe1 : 0));
  }
  memcpy(sum, product, BLOCK);
}

static void absorb(CK_BYTE *sum, const CK_BYTE *hashKey, const CK_BYTE *data, CK_ULONG length) {
  for (CK_ULONG at = 0; at < length; at += BLOCK) {
    for (CK_ULONG i = 0; i < BLOCK && at + i < length; i++) sum[i] ^= data[at + i];
    multiply(sum, hashKey);
  }
}

struct gcm {
  CK_BYTE iv[IV];
  CK_BYTE *aad;
  CK_ULONG aadLength;
};

static void tagOf(const CK_BYTE *key, const struct gcm *gcm, const CK_BYTE *ciphertext, CK_ULONG length,
    CK_BYTE *tag) {
  CK_BYTE hashKey[BLOCK], zero[BLOCK] = {0}, sum[BLOCK] = {0}, lengths[BLOCK] = {0}, counter[BLOCK] = {0};
  sm4(EVP_sm4_ecb(), key, 0, zero, BLOCK, hashKey);
  absorb(sum, hashKey, gcm->aad, gcm->aadLength);
  absorb(sum, hashKey, ciphertext, length);
  for (int i = 0; i < 8; i++) {
    lengths[7 - i] = (CK_BYTE)(gcm->aadLength * 8 >> (8 * i));
    lengths[15 - i] = (CK_BYTE)(length * 8 >> (8 * i));
  }
  absorb(sum, hashKey, lengths, BLOCK);
  memcpy(counter, gcm->iv, IV);
  counter[BLOCK - 1] = 1;
  sm4(EVP_sm4_ctr(), key, counter, sum, BLOCK, tag);
}

static void masked(const CK_BYTE *key, const struct gcm *gcm, const CK_BYTE *from, CK_ULONG length, CK_BYTE *to) {
  CK_BYTE counter[BLOCK] = {0};
  memcpy(counter, gcm->iv, IV);
  counter[BLOCK - 1] = 2;
  sm4(EVP_sm4_ctr(), key, counter, from, (int)length, to);
}

/* ---- SM2 ---- */

typedef struct {
  ASN1_INTEGER *x, *y;
  ASN1_OCTET_STRING *hash, *text;
} SM2_CIPHER;
ASN1_SEQUENCE(SM2_CIPHER) = {ASN1_SIMPLE(SM2_CIPHER, x, ASN1_INTEGER), ASN1_SIMPLE(SM2_CIPHER, y, ASN1_INTEGER),
                             ASN1_SIMPLE(SM2_CIPHER, hash, ASN1_OCTET_STRING),
                             ASN1_SIMPLE(SM2_CIPHER, text, ASN1_OCTET_STRING)} static_ASN1_SEQUENCE_END(SM2_CIPHER)

/* What libcrypto takes is DER (GM/T 0009, section 7.2); freed by the caller. */
static int derOf(const CK_BYTE *given, CK_ULONG length, CK_BYTE **der) {
  if (CIPHERTEXT == DER) {
    *der = OPENSSL_memdup(given, length);
    return (int)length;
  }
  if (length <= POINT + SCALAR || given[0] != 4) return -1;
  CK_ULONG textLength = length - POINT - SCALAR;
  const CK_BYTE *hash = given + (CIPHERTEXT == C1C3C2 ? POINT : length - SCALAR);
  const CK_BYTE *text = given + (CIPHERTEXT == C1C3C2 ? POINT + SCALAR : POINT);
  SM2_CIPHER *cipher = (SM2_CIPHER *)ASN1_item_new(ASN1_ITEM_rptr(SM2_CIPHER));
  BIGNUM *x = BN_bin2bn(given + 1, SCALAR, 0), *y = BN_bin2bn(given + 1 + SCALAR, SCALAR, 0);
  BN_to_ASN1_INTEGER(x, cipher->x);
  BN_to_ASN1_INTEGER(y, cipher->y);
  ASN1_OCTET_STRING_set(cipher->hash, hash, SCALAR);
  ASN1_OCTET_STRING_set(cipher->text, text, (int)textLength);
  *der = 0;
  int made = ASN1_item_i2d((ASN1_VALUE *)cipher, der, ASN1_ITEM_rptr(SM2_CIPHER));
  ASN1_item_free((ASN1_VALUE *)cipher, ASN1_ITEM_rptr(SM2_CIPHER));
  BN_free(x);
  BN_free(y);
  return made;
}

static EVP_PKEY *privateKeyOf(const CK_BYTE *scalar) {
  EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_sm2);
  EC_POINT *point = EC_POINT_new(group);
  BIGNUM *number = BN_bin2bn(scalar, SCALAR, 0);
  CK_BYTE bytes[POINT];
  EC_POINT_mul(group, point, number, 0, 0, 0);
  EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, bytes, POINT, 0);
  OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_utf8_string(parts, OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0);
  OSSL_PARAM_BLD_push_octet_string(parts, OSSL_PKEY_PARAM_PUB_KEY, bytes, POINT);
  OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_PRIV_KEY, number);
  OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(parts);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(0, "SM2", 0);
  EVP_PKEY *key = 0;
  EVP_PKEY_fromdata_init(context);
  EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(parts);
  BN_clear_free(number);
  EC_POINT_free(point);
  EC_GROUP_free(group);
  return key;
}

static CK_RV signed_(const CK_BYTE *scalar, const CK_BYTE *digest, CK_ULONG length, CK_BYTE *r, CK_ULONG *rLength) {
  CK_BYTE der[80];
  size_t derLength = sizeof der;
  if (length != SCALAR) return CKR_DATA_LEN_RANGE;
  EVP_PKEY *key = privateKeyOf(scalar);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, 0);
  int done = EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_sign(context, der, &derLength, digest, length) == 1;
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(key);
  if (!done) return CKR_FUNCTION_FAILED;
  if (SIGNATURE == DER) {
    memcpy(r, der, derLength);
    *rLength = derLength;
    return CKR_OK;
  }
  const CK_BYTE *at = der;
  ECDSA_SIG *numbers = d2i_ECDSA_SIG(0, &at, (long)derLength);
  BN_bn2binpad(ECDSA_SIG_get0_r(numbers), r, SCALAR);
  BN_bn2binpad(ECDSA_SIG_get0_s(numbers), r + SCALAR, SCALAR);
  ECDSA_SIG_free(numbers);
  *rLength = 2 * SCALAR;
  return CKR_OK;
}

static CK_RV decrypted(const CK_BYTE *scalar, const CK_BYTE *given, CK_ULONG length, CK_BYTE *r, CK_ULONG *rLength) {
  CK_BYTE *der = 0;
  int derLength = derOf(given, length, &der);
  if (derLength < 0) return CKR_ENCRYPTED_DATA_LEN_RANGE;
  size_t made = *rLength;
  EVP_PKEY *key = privateKeyOf(scalar);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, 0);
  int done = EVP_PKEY_decrypt_init(context) == 1 && EVP_PKEY_decrypt(context, r, &made, der, (size_t)derLength) == 1;
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(key);
  OPENSSL_free(der);
  *rLength = made;
  return done ? CKR_OK : CKR_ENCRYPTED_DATA_INVALID;
}

/* ---- Objects ---- */

/* A template with some attributes in place of what it says of them; freed by the caller, what it points to is not. */
static CK_ATTRIBUTE *amended(const CK_ATTRIBUTE *given, CK_ULONG count, const CK_ATTRIBUTE *by, CK_ULONG byCount,
    CK_ULONG *total) {
  CK_ATTRIBUTE *all = malloc((count + byCount) * sizeof *all);
  *total = 0;
  for (CK_ULONG i = 0; i < count; i++) {
    int replaced = given[i].type == CKA_VALUE_LEN;
    for (CK_ULONG j = 0; j < byCount; j++) replaced |= by[j].type == given[i].type;
    if (!replaced) all[(*total)++] = given[i];
  }
  for (CK_ULONG j = 0; j < byCount; j++) all[(*total)++] = by[j];
  return all;
}

static CK_RV create(CK_SESSION_HANDLE s, const CK_ATTRIBUTE *given, CK_ULONG count, const CK_ATTRIBUTE *by,
    CK_ULONG byCount, CK_OBJECT_HANDLE *o) {
  CK_ULONG total;
  CK_ATTRIBUTE *all = amended(given, count, by, byCount, &total);
  CK_RV value = real->C_CreateObject(s, all, total, o);
  free(all);
  return value;
}

/* A key of these mechanisms is sensitive and stays inside: whoever asks for another one is refused. */
static int asksForBare(const CK_ATTRIBUTE *given, CK_ULONG count) {
  for (CK_ULONG i = 0; i < count; i++) {
    if (given[i].type == CKA_SENSITIVE && !*(CK_BBOOL *)given[i].pValue) return 1;
    if (given[i].type == CKA_EXTRACTABLE && *(CK_BBOOL *)given[i].pValue) return 1;
  }
  return 0;
}

/* Of another type than the vendor's own: a mechanism makes keys of one type. */
static int asksForOther(const CK_ATTRIBUTE *given, CK_ULONG count, CK_KEY_TYPE keyType) {
  for (CK_ULONG i = 0; i < count; i++)
    if (given[i].type == CKA_KEY_TYPE && *(CK_KEY_TYPE *)given[i].pValue != keyType) return 1;
  return 0;
}

static CK_ULONG numberIn(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE_TYPE type) {
  CK_ULONG number = CK_UNAVAILABLE_INFORMATION;
  CK_ATTRIBUTE attribute = {type, &number, sizeof number};
  return real->C_GetAttributeValue(s, o, &attribute, 1) == CKR_OK ? number : CK_UNAVAILABLE_INFORMATION;
}

enum kind { theirs, sm4Key, sm2Private, sm2Public };

static enum kind kindOf(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o) {
  CK_ULONG type = numberIn(s, o, CKA_KEY_TYPE);
  if (type == CKK_GENERIC_SECRET) return sm4Key;
  if (type != CKK_EC) return theirs;
  CK_BYTE curve[sizeof sm2Curve];
  CK_ATTRIBUTE attribute = {CKA_EC_PARAMS, curve, sizeof curve};
  if (real->C_GetAttributeValue(s, o, &attribute, 1) != CKR_OK || attribute.ulValueLen != sizeof sm2Curve ||
      memcmp(curve, sm2Curve, sizeof sm2Curve) != 0)
    return theirs;
  return numberIn(s, o, CKA_CLASS) == CKO_PRIVATE_KEY ? sm2Private : sm2Public;
}

static CK_RV secretOf(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_BYTE *secret, CK_ULONG length) {
  CK_ATTRIBUTE attribute = {CKA_VALUE, secret, length};
  CK_RV value = real->C_GetAttributeValue(s, o, &attribute, 1);
  return value == CKR_OK && attribute.ulValueLen != length ? CKR_KEY_SIZE_RANGE : value;
}

/* Whether the key was made for this use; SoftHSM does not see what happens here. */
static int isFor(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE_TYPE use) {
  CK_BBOOL may = CK_FALSE;
  CK_ATTRIBUTE attribute = {use, &may, sizeof may};
  return real->C_GetAttributeValue(s, o, &attribute, 1) == CKR_OK && may;
}

static CK_RV answer(CK_ATTRIBUTE *attribute, const void *value, CK_ULONG length) {
  CK_ULONG room = attribute->ulValueLen;
  attribute->ulValueLen = length;
  if (attribute->pValue == 0) return CKR_OK;
  if (room < length) return CKR_BUFFER_TOO_SMALL;
  memcpy(attribute->pValue, value, length);
  return CKR_OK;
}

static CK_RV sm_C_GetAttributeValue(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE *t, CK_ULONG count) {
  enum kind kind = kindOf(s, o);
  if (kind == theirs) return real->C_GetAttributeValue(s, o, t, count);
  CK_KEY_TYPE type = kind == sm4Key ? SM4_KEY_TYPE : SM2_KEY_TYPE;
  CK_ULONG sm4Bytes = BLOCK;
  CK_RV worst = CKR_OK;
  for (CK_ULONG i = 0; i < count; i++) {
    CK_RV value;
    switch (kind == sm2Public && t[i].type != CKA_KEY_TYPE ? CKA_CLASS : t[i].type) {
      case CKA_KEY_TYPE: value = answer(&t[i], &type, sizeof type); break;
      case CKA_VALUE_LEN: value = answer(&t[i], &sm4Bytes, sizeof sm4Bytes); break;
      case CKA_SENSITIVE:
      case CKA_ALWAYS_SENSITIVE:
      case CKA_NEVER_EXTRACTABLE: value = answer(&t[i], &yes, sizeof yes); break;
      case CKA_EXTRACTABLE: value = answer(&t[i], &no, sizeof no); break;
      case CKA_VALUE:
        t[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
        value = CKR_ATTRIBUTE_SENSITIVE;
        break;
      default: value = real->C_GetAttributeValue(s, o, &t[i], 1);
    }
    if (value != CKR_OK) worst = value;
  }
  return worst;
}

static CK_RV sm_C_CopyObject(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE *t, CK_ULONG count,
    CK_OBJECT_HANDLE *n) {
  return kindOf(s, o) == theirs ? real->C_CopyObject(s, o, t, count, n) : CKR_FUNCTION_NOT_SUPPORTED;
}

static CK_RV sm_C_SetAttributeValue(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE *t, CK_ULONG count) {
  return kindOf(s, o) == theirs ? real->C_SetAttributeValue(s, o, t, count) : CKR_ATTRIBUTE_READ_ONLY;
}

static CK_RV sm_C_WrapKey(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE o, CK_OBJECT_HANDLE k, CK_BYTE *r,
    CK_ULONG *rLength) {
  return kindOf(s, k) == theirs ? real->C_WrapKey(s, m, o, k, r, rLength) : CKR_KEY_UNEXTRACTABLE;
}

static CK_KEY_TYPE heldSm4 = CKK_GENERIC_SECRET;
static CK_KEY_TYPE heldSm2 = CKK_EC;
static CK_OBJECT_CLASS secretClass = CKO_SECRET_KEY;
static CK_OBJECT_CLASS privateClass = CKO_PRIVATE_KEY;
static CK_OBJECT_CLASS publicClass = CKO_PUBLIC_KEY;

#define HELD {CKA_SENSITIVE, &no, sizeof no}, {CKA_EXTRACTABLE, &yes, sizeof yes}

static CK_RV sm_C_GenerateKey(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_ATTRIBUTE *t, CK_ULONG count,
    CK_OBJECT_HANDLE *o) {
  if (m->mechanism != SM4_KEY_GEN) return real->C_GenerateKey(s, m, t, count, o);
  if (asksForBare(t, count) || asksForOther(t, count, SM4_KEY_TYPE)) return CKR_TEMPLATE_INCONSISTENT;
  CK_BYTE key[BLOCK];
  if (RAND_priv_bytes(key, BLOCK) != 1) return CKR_FUNCTION_FAILED;
  CK_ATTRIBUTE held[] = {{CKA_CLASS, &secretClass, sizeof secretClass}, {CKA_KEY_TYPE, &heldSm4, sizeof heldSm4},
      HELD, {CKA_VALUE, key, BLOCK}};
  CK_RV value = create(s, t, count, held, LENGTH(held), o);
  OPENSSL_cleanse(key, BLOCK);
  return value;
}

static CK_RV sm_C_UnwrapKey(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE o, CK_BYTE *d, CK_ULONG dLength,
    CK_ATTRIBUTE *t, CK_ULONG count, CK_OBJECT_HANDLE *k) {
  int isSm4 = 0;
  for (CK_ULONG i = 0; i < count; i++)
    isSm4 |= t[i].type == CKA_KEY_TYPE && *(CK_KEY_TYPE *)t[i].pValue == SM4_KEY_TYPE;
  if (!isSm4) return real->C_UnwrapKey(s, m, o, d, dLength, t, count, k);
  if (asksForBare(t, count)) return CKR_TEMPLATE_INCONSISTENT;
  CK_ATTRIBUTE held[] = {{CKA_KEY_TYPE, &heldSm4, sizeof heldSm4}, HELD};
  CK_ULONG total;
  CK_ATTRIBUTE *all = amended(t, count, held, LENGTH(held), &total);
  CK_RV value = real->C_UnwrapKey(s, m, o, d, dLength, all, total, k);
  free(all);
  CK_BYTE key[BLOCK];
  if (value == CKR_OK && secretOf(s, *k, key, BLOCK) != CKR_OK) {
    real->C_DestroyObject(s, *k);
    return CKR_WRAPPED_KEY_LEN_RANGE;
  }
  OPENSSL_cleanse(key, BLOCK);
  return value;
}

static CK_RV sm_C_GenerateKeyPair(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_ATTRIBUTE *t, CK_ULONG tCount,
    CK_ATTRIBUTE *v, CK_ULONG vCount, CK_OBJECT_HANDLE *o, CK_OBJECT_HANDLE *w) {
  if (m->mechanism != SM2_KEY_PAIR_GEN) return real->C_GenerateKeyPair(s, m, t, tCount, v, vCount, o, w);
  if (asksForBare(v, vCount) || asksForOther(t, tCount, SM2_KEY_TYPE) || asksForOther(v, vCount, SM2_KEY_TYPE))
    return CKR_TEMPLATE_INCONSISTENT;
  EVP_PKEY *pair = EVP_PKEY_Q_keygen(0, 0, "SM2");
  CK_BYTE scalar[SCALAR], kept[2 + POINT] = {0x04, POINT};
  size_t made = 0;
  BIGNUM *number = 0;
  if (pair == 0 || EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1 ||
      EVP_PKEY_get_octet_string_param(pair, OSSL_PKEY_PARAM_PUB_KEY, kept + 2, POINT, &made) != 1 || made != POINT)
    return CKR_FUNCTION_FAILED;
  BN_bn2binpad(number, scalar, SCALAR);
  BN_clear_free(number);
  EVP_PKEY_free(pair);
  CK_BYTE *shown = kept + (BARE_POINT ? 3 : 0);
  CK_ATTRIBUTE curve = {CKA_EC_PARAMS, sm2Curve, sizeof sm2Curve}, type = {CKA_KEY_TYPE, &heldSm2, sizeof heldSm2};
  CK_ATTRIBUTE openly[] = {{CKA_CLASS, &publicClass, sizeof publicClass}, type, curve, {CKA_EC_POINT, shown,
      sizeof kept - (CK_ULONG)(shown - kept)}};
  CK_ATTRIBUTE held[] = {{CKA_CLASS, &privateClass, sizeof privateClass}, type, curve, HELD, {CKA_VALUE, scalar,
      SCALAR}};
  CK_RV value = create(s, t, tCount, openly, LENGTH(openly), o);
  if (value == CKR_OK && (value = create(s, v, vCount, held, LENGTH(held), w)) != CKR_OK) real->C_DestroyObject(s,
      *o);
  OPENSSL_cleanse(scalar, SCALAR);
  return value;
}

/* ---- Operations: one at a time for each session and direction, as the standard has it. ---- */

enum direction { encrypting, decrypting, signing, directions };

struct operation {
  CK_SESSION_HANDLE session;
  enum direction direction;
  CK_BYTE secret[SCALAR];
  struct gcm gcm;
  struct operation *next;
};

static struct operation *operations;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static struct operation *take(CK_SESSION_HANDLE s, enum direction direction) {
  pthread_mutex_lock(&turn);
  struct operation **at = &operations;
  while (*at != 0 && !((*at)->session == s && (direction == directions ||
      (*at)->direction == direction))) at = &(*at)->next;
  struct operation *found = *at;
  if (found != 0) *at = found->next;
  pthread_mutex_unlock(&turn);
  return found;
}

static void begin(struct operation *operation) {
  pthread_mutex_lock(&turn);
  operation->next = operations;
  operations = operation;
  pthread_mutex_unlock(&turn);
}

static void end(struct operation *operation) {
  OPENSSL_cleanse(operation->secret, SCALAR);
  free(operation->gcm.aad);
  free(operation);
}

static void forget(CK_SESSION_HANDLE s) {
  struct operation *operation;
  while ((operation = take(s, directions)) != 0) end(operation);
}

static void forgetAll(void) {
  while (operations != 0) forget(operations->session);
}

static int readGcm(const CK_MECHANISM *m, struct gcm *gcm) {
  const CK_GCM_PARAMS *given = m->pParameter;
  if (m->ulParameterLen != sizeof *given || given->ulIvLen != IV || given->ulIvBits != 8 * IV ||
      given->ulTagBits != 8 * TAG) return 0;
  memcpy(gcm->iv, given->pIv, IV);
  gcm->aadLength = given->ulAADLen;
  gcm->aad = malloc(given->ulAADLen + 1);
  memcpy(gcm->aad, given->pAAD, given->ulAADLen);
  return 1;
}

static CK_RV beginWith(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE o, enum direction direction) {
  static const CK_ATTRIBUTE_TYPE uses[] = {CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN};
  int isSm4 = m->mechanism == SM4_GCM;
  struct operation *active = take(s, direction);
  if (active != 0) {
    begin(active);
    return CKR_OPERATION_ACTIVE;
  }
  if (kindOf(s, o) != (isSm4 ? sm4Key : sm2Private)) return CKR_KEY_TYPE_INCONSISTENT;
  if (!isFor(s, o, uses[direction])) return CKR_KEY_FUNCTION_NOT_PERMITTED;
  struct operation *operation = calloc(1, sizeof *operation);
  operation->session = s;
  operation->direction = direction;
  if (isSm4 && !readGcm(m, &operation->gcm)) {
    free(operation);
    return CKR_MECHANISM_PARAM_INVALID;
  }
  CK_RV value = secretOf(s, o, operation->secret, isSm4 ? BLOCK : SCALAR);
  if (value == CKR_OK) begin(operation);
  else end(operation);
  return value;
}

static CK_RV sm_C_EncryptInit(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE o) {
  return m->mechanism == SM4_GCM ? beginWith(s, m, o, encrypting) : real->C_EncryptInit(s, m, o);
}

static CK_RV sm_C_DecryptInit(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE o) {
  int isOurs = m->mechanism == SM4_GCM || m->mechanism == SM2_ENCRYPT;
  return isOurs ? beginWith(s, m, o, decrypting) : real->C_DecryptInit(s, m, o);
}

static CK_RV sm_C_SignInit(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE o) {
  return m->mechanism == SM2_SIGN ? beginWith(s, m, o, signing) : real->C_SignInit(s, m, o);
}

/* Asking for a length, or with too little room, leaves the operation as it is (PKCS#11 2.40, section 5.2). */
static int hasRoom(struct operation *operation, CK_BYTE *r, CK_ULONG *rLength, CK_ULONG needed, CK_RV *value) {
  if (r != 0 && *rLength >= needed) return 1;
  *value = r == 0 ? CKR_OK : CKR_BUFFER_TOO_SMALL;
  *rLength = needed;
  begin(operation);
  return 0;
}

static CK_RV sm_C_Encrypt(CK_SESSION_HANDLE s, CK_BYTE *d, CK_ULONG dLength, CK_BYTE *r, CK_ULONG *rLength) {
  CK_RV value = CKR_OK;
  struct operation *operation = take(s, encrypting);
  if (operation == 0) return real->C_Encrypt(s, d, dLength, r, rLength);
  if (!hasRoom(operation, r, rLength, dLength + TAG, &value)) return value;
  masked(operation->secret, &operation->gcm, d, dLength, r);
  tagOf(operation->secret, &operation->gcm, r, dLength, r + dLength);
  *rLength = dLength + TAG;
  end(operation);
  return CKR_OK;
}

static CK_RV opened(const struct operation *operation, const CK_BYTE *d, CK_ULONG dLength, CK_BYTE *r,
    CK_ULONG *rLength) {
  CK_BYTE tag[TAG];
  if (dLength < TAG) return CKR_ENCRYPTED_DATA_LEN_RANGE;
  tagOf(operation->secret, &operation->gcm, d, dLength - TAG, tag);
  if (CRYPTO_memcmp(tag, d + dLength - TAG, TAG) != 0) return CKR_ENCRYPTED_DATA_INVALID;
  masked(operation->secret, &operation->gcm, d, dLength - TAG, r);
  *rLength = dLength - TAG;
  return CKR_OK;
}

static CK_RV sm_C_Decrypt(CK_SESSION_HANDLE s, CK_BYTE *d, CK_ULONG dLength, CK_BYTE *r, CK_ULONG *rLength) {
  CK_RV value = CKR_OK;
  struct operation *operation = take(s, decrypting);
  if (operation == 0) return real->C_Decrypt(s, d, dLength, r, rLength);
  if (!hasRoom(operation, r, rLength, dLength, &value)) return value;
  value = operation->gcm.aad == 0 ? decrypted(operation->secret, d, dLength, r, rLength) : opened(operation, d,
      dLength, r, rLength);
  end(operation);
  return value;
}

static CK_RV sm_C_Sign(CK_SESSION_HANDLE s, CK_BYTE *d, CK_ULONG dLength, CK_BYTE *r, CK_ULONG *rLength) {
  CK_RV value = CKR_OK;
  struct operation *operation = take(s, signing);
  if (operation == 0) return real->C_Sign(s, d, dLength, r, rLength);
  if (!hasRoom(operation, r, rLength, 80, &value)) return value;
  value = signed_(operation->secret, d, dLength, r, rLength);
  end(operation);
  return value;
}

/* ---- What there is ---- */

static const struct { CK_MECHANISM_TYPE type; CK_MECHANISM_INFO info; } mechanisms[] = {
    {SM2_KEY_PAIR_GEN, {256, 256, CKF_GENERATE_KEY_PAIR}},
    {SM2_SIGN, {256, 256, CKF_SIGN}},
    {SM2_ENCRYPT, {256, 256, CKF_DECRYPT}},
    {SM4_KEY_GEN, {16, 16, CKF_GENERATE}},
    {SM4_GCM, {16, 16, CKF_ENCRYPT | CKF_DECRYPT}}};

static CK_RV sm_C_GetMechanismList(CK_SLOT_ID i, CK_MECHANISM_TYPE *l, CK_ULONG *n) {
  CK_ULONG count = 0;
  CK_RV value = real->C_GetMechanismList(i, 0, &count);
  if (value != CKR_OK) return value;
  CK_ULONG room = *n;
  *n = count + LENGTH(mechanisms);
  if (l == 0) return CKR_OK;
  if (room < *n) return CKR_BUFFER_TOO_SMALL;
  for (CK_ULONG j = 0; j < LENGTH(mechanisms); j++) l[count + j] = mechanisms[j].type;
  return real->C_GetMechanismList(i, l, &count);
}

static CK_RV sm_C_GetMechanismInfo(CK_SLOT_ID i, CK_MECHANISM_TYPE t, CK_MECHANISM_INFO *n) {
  for (CK_ULONG j = 0; j < LENGTH(mechanisms); j++) {
    if (mechanisms[j].type != t) continue;
    *n = mechanisms[j].info;
    return CKR_OK;
  }
  return real->C_GetMechanismInfo(i, t, n);
}

static CK_RV sm_C_CloseSession(CK_SESSION_HANDLE s) {
  forget(s);
  return real->C_CloseSession(s);
}

static CK_RV sm_C_CloseAllSessions(CK_SLOT_ID i) {
  forgetAll();
  return real->C_CloseAllSessions(i);
}

static CK_RV sm_C_Finalize(void *p) {
  forgetAll();
  return real->C_Finalize(p);
}

#define REPLACE(name) added.name = sm_##name;

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
  if (real == 0) {
    void *module = dlopen(MODULE, RTLD_NOW);
    CK_C_GetFunctionList get = module == 0 ? 0 : (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList");
    if (get == 0 || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
    added = *real;
    REPLACE(C_GetMechanismList) REPLACE(C_GetMechanismInfo) REPLACE(C_GetAttributeValue) REPLACE(C_CopyObject)
    REPLACE(C_SetAttributeValue) REPLACE(C_WrapKey) REPLACE(C_UnwrapKey) REPLACE(C_GenerateKey)
    REPLACE(C_GenerateKeyPair) REPLACE(C_EncryptInit) REPLACE(C_Encrypt) REPLACE(C_DecryptInit) REPLACE(C_Decrypt)
    REPLACE(C_SignInit) REPLACE(C_Sign) REPLACE(C_CloseSession) REPLACE(C_CloseAllSessions) REPLACE(C_Finalize)
  }
  *list = &added;
  return CKR_OK;
}

/* A PKCS#11 module that forwards every call to another one, and fails or hangs where the control file says so. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define CK_PTR *
#define CK_DECLARE_FUNCTION(returnType, name) returnType name
#define CK_DECLARE_FUNCTION_POINTER(returnType, name) returnType(*name)
#define CK_CALLBACK_FUNCTION(returnType, name) returnType(*name)
#define NULL_PTR 0
#include "pkcs11.h"

/* As faultyModule.ts writes it. */
struct control {
  char function[32];
  int32_t left;     /* calls that are still to fail; below zero, all of them */
  int32_t after;    /* 1: the call is made first, and its answer withheld */
  uint32_t code;    /* what is answered */
  int32_t hangs;    /* 1: nothing is answered while this stays 1 */
  int32_t hits;     /* calls that failed */
  int32_t sessions; /* open now; never written by faultyModule.ts */
};

static struct control *control;
static CK_FUNCTION_LIST *real;
static CK_FUNCTION_LIST faulty;

static int strikes(const char *function, int after) {
  if (control->after != after || strncmp(control->function, function, sizeof control->function) != 0) return 0;
  if (__atomic_load_n(&control->left, __ATOMIC_SEQ_CST) >= 0 &&
      __atomic_fetch_sub(&control->left, 1, __ATOMIC_SEQ_CST) <= 0) {
    __atomic_store_n(&control->left, 0, __ATOMIC_SEQ_CST);
    return 0;
  }
  __atomic_fetch_add(&control->hits, 1, __ATOMIC_SEQ_CST);
  struct timespec pause = {0, 10000000};
  while (__atomic_load_n(&control->hangs, __ATOMIC_SEQ_CST)) nanosleep(&pause, 0);
  return 1;
}

#define FORWARD(name, parameters, arguments)            \
  static CK_RV faulty_##name parameters {               \
    if (strikes(#name, 0)) return control->code;        \
    CK_RV value = real->name arguments;                 \
    return strikes(#name, 1) ? control->code : value;   \
  }

#define SESSION CK_SESSION_HANDLE s
#define OBJECT CK_OBJECT_HANDLE o
#define MECHANISM CK_MECHANISM *m
#define BYTES(a) CK_BYTE *a, CK_ULONG a##Length
#define RESULT CK_BYTE *r, CK_ULONG *rLength
#define TEMPLATE(t) CK_ATTRIBUTE *t, CK_ULONG t##Count

FORWARD(C_Initialize, (void *p), (p))
FORWARD(C_GetSlotList, (CK_BBOOL b, CK_SLOT_ID *l, CK_ULONG *n), (b, l, n))
FORWARD(C_GetTokenInfo, (CK_SLOT_ID i, CK_TOKEN_INFO *t), (i, t))
FORWARD(C_GetMechanismList, (CK_SLOT_ID i, CK_MECHANISM_TYPE *l, CK_ULONG *n), (i, l, n))
FORWARD(C_GetMechanismInfo, (CK_SLOT_ID i, CK_MECHANISM_TYPE t, CK_MECHANISM_INFO *n), (i, t, n))
FORWARD(C_GetSessionInfo, (SESSION, CK_SESSION_INFO *n), (s, n))
FORWARD(C_Login, (SESSION, CK_USER_TYPE u, BYTES(p)), (s, u, p, pLength))
FORWARD(C_DestroyObject, (SESSION, OBJECT), (s, o))
FORWARD(C_GetAttributeValue, (SESSION, OBJECT, TEMPLATE(t)), (s, o, t, tCount))
FORWARD(C_FindObjectsInit, (SESSION, TEMPLATE(t)), (s, t, tCount))
FORWARD(C_FindObjects, (SESSION, CK_OBJECT_HANDLE *l, CK_ULONG n, CK_ULONG *f), (s, l, n, f))
FORWARD(C_FindObjectsFinal, (SESSION), (s))
FORWARD(C_EncryptInit, (SESSION, MECHANISM, OBJECT), (s, m, o))
FORWARD(C_Encrypt, (SESSION, BYTES(d), RESULT), (s, d, dLength, r, rLength))
FORWARD(C_DecryptInit, (SESSION, MECHANISM, OBJECT), (s, m, o))
FORWARD(C_Decrypt, (SESSION, BYTES(d), RESULT), (s, d, dLength, r, rLength))
FORWARD(C_SignInit, (SESSION, MECHANISM, OBJECT), (s, m, o))
FORWARD(C_Sign, (SESSION, BYTES(d), RESULT), (s, d, dLength, r, rLength))
FORWARD(C_VerifyInit, (SESSION, MECHANISM, OBJECT), (s, m, o))
FORWARD(C_Verify, (SESSION, BYTES(d), BYTES(v)), (s, d, dLength, v, vLength))
FORWARD(C_GenerateKey, (SESSION, MECHANISM, TEMPLATE(t), CK_OBJECT_HANDLE *o), (s, m, t, tCount, o))
FORWARD(C_GenerateKeyPair,
        (SESSION, MECHANISM, TEMPLATE(t), TEMPLATE(v), CK_OBJECT_HANDLE *o, CK_OBJECT_HANDLE *w),
        (s, m, t, tCount, v, vCount, o, w))
FORWARD(C_WrapKey, (SESSION, MECHANISM, OBJECT, CK_OBJECT_HANDLE k, RESULT), (s, m, o, k, r, rLength))
FORWARD(C_UnwrapKey, (SESSION, MECHANISM, OBJECT, BYTES(d), TEMPLATE(t), CK_OBJECT_HANDLE *k),
        (s, m, o, d, dLength, t, tCount, k))

/* These count sessions as well: what `change` says of those that are open, once the call is made. */
#define COUNTING(name, parameters, arguments, change)                                               \
  static CK_RV faulty_##name parameters {                                                           \
    if (strikes(#name, 0)) return control->code;                                                    \
    CK_RV value = real->name arguments;                                                             \
    if (value == CKR_OK) __atomic_add_fetch(&control->sessions, change, __ATOMIC_SEQ_CST);          \
    return strikes(#name, 1) ? control->code : value;                                               \
  }

COUNTING(C_OpenSession, (CK_SLOT_ID i, CK_FLAGS f, void *p, CK_NOTIFY n, CK_SESSION_HANDLE *s), (i, f, p, n, s), 1)
COUNTING(C_CloseSession, (SESSION), (s), -1)
COUNTING(C_CloseAllSessions, (CK_SLOT_ID i), (i), -control->sessions)
COUNTING(C_Finalize, (void *p), (p), -control->sessions)

#define REPLACE(name) faulty.name = faulty_##name;

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
  if (real == 0) {
    int file = open(CONTROL, O_RDWR);
    if (file < 0) return CKR_GENERAL_ERROR;
    void *shared = mmap(0, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared == MAP_FAILED) return CKR_GENERAL_ERROR;
    control = shared;
    void *module = dlopen(MODULE, RTLD_NOW);
    if (module == 0) return CKR_GENERAL_ERROR;
    CK_C_GetFunctionList get = (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList");
    if (get == 0 || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
    faulty = *real;
    REPLACE(C_Initialize) REPLACE(C_Finalize) REPLACE(C_GetSlotList) REPLACE(C_GetTokenInfo)
    REPLACE(C_GetMechanismList) REPLACE(C_GetMechanismInfo) REPLACE(C_OpenSession) REPLACE(C_CloseSession)
    REPLACE(C_CloseAllSessions)
    REPLACE(C_GetSessionInfo) REPLACE(C_Login) REPLACE(C_DestroyObject) REPLACE(C_GetAttributeValue)
    REPLACE(C_FindObjectsInit) REPLACE(C_FindObjects) REPLACE(C_FindObjectsFinal) REPLACE(C_EncryptInit)
    REPLACE(C_Encrypt) REPLACE(C_DecryptInit) REPLACE(C_Decrypt) REPLACE(C_SignInit) REPLACE(C_Sign)
    REPLACE(C_VerifyInit) REPLACE(C_Verify) REPLACE(C_GenerateKey) REPLACE(C_GenerateKeyPair) REPLACE(C_WrapKey)
    REPLACE(C_UnwrapKey)
  }
  *list = &faulty;
  return CKR_OK;
}

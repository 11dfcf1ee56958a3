#ifndef TERN_CHDF5_SHIM_H
#define TERN_CHDF5_SHIM_H

#include <hdf5.h>
#include <string.h>

// HDF5 spells its predefined types, classes and limits as macros over globals, which Swift does not import.

static inline hid_t tern_h5t_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t tern_h5t_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t tern_h5t_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t tern_h5t_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t tern_h5t_native_uint8(void) { return H5T_NATIVE_UINT8; }

static inline hid_t tern_h5t_file_float(void) { return H5T_IEEE_F32LE; }
static inline hid_t tern_h5t_file_double(void) { return H5T_IEEE_F64LE; }
static inline hid_t tern_h5t_file_int32(void) { return H5T_STD_I32LE; }
static inline hid_t tern_h5t_file_int64(void) { return H5T_STD_I64LE; }
static inline hid_t tern_h5t_file_uint8(void) { return H5T_STD_U8LE; }

static inline hid_t tern_h5t_c_string(void) { return H5T_C_S1; }
static inline size_t tern_h5t_variable(void) { return H5T_VARIABLE; }

static inline hid_t tern_h5p_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t tern_h5p_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t tern_h5p_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t tern_h5p_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t tern_h5p_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t tern_h5p_default(void) { return H5P_DEFAULT; }
static inline hid_t tern_h5s_all(void) { return H5S_ALL; }

static inline unsigned tern_h5f_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned tern_h5f_truncate(void) { return H5F_ACC_TRUNC; }

// Error reporting is per thread in a thread-safe build of the library, so it is silenced at every entry.
static inline void tern_h5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

typedef struct {
  char innermost[512];
  int no_space;
} tern_h5_failure;

static inline herr_t tern_h5_collect(unsigned n, const H5E_error2_t *error, void *context) {
  tern_h5_failure *failure = (tern_h5_failure *)context;
  if (error->desc) {
    if (n == 0) strncpy(failure->innermost, error->desc, sizeof(failure->innermost) - 1);
    // ENOSPC, EDQUOT and EFBIG as the file drivers report them.
    if (strstr(error->desc, "errno = 28,") || strstr(error->desc, "errno = 122,") ||
        strstr(error->desc, "errno = 27,"))
      failure->no_space = 1;
  }
  return 0;
}

// The deepest description on this thread's error stack, and whether the disk or a quota was full.
static inline tern_h5_failure tern_h5_last_failure(void) {
  tern_h5_failure failure;
  memset(&failure, 0, sizeof failure);
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, tern_h5_collect, &failure);
  H5Eclear2(H5E_DEFAULT);
  return failure;
}

#endif

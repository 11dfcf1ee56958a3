# Writes h5py.h5 with h5py 3.16.0 on HDF5 2.0.0: python3 make.py h5py.h5
import h5py, numpy as np, sys
f = h5py.File(sys.argv[1], 'w', libver=('v110', 'v110'))
g = f.create_group('market')
n = 1000
g.create_dataset('time', data=np.arange(n, dtype='<i8') * 60000 - 7, chunks=(64,), shuffle=True, compression='gzip', compression_opts=1)
g.create_dataset('price', data=np.arange(n, dtype='<f8') / 3, chunks=(300,), shuffle=True, compression='gzip', compression_opts=9)
g.create_dataset('plain', data=np.arange(5, dtype='<f8') - 0.5)
g.create_dataset('single', data=np.sqrt(np.arange(40, dtype='<f8')), chunks=(40,), compression='gzip')
g.create_dataset('unfiltered', data=np.arange(50, dtype='<i8') ** 3, chunks=(20,))
g.create_dataset('floats', data=np.arange(4, dtype='<f4'))
g.create_dataset('matrix', data=np.zeros((2, 2)))
f.attrs['text'] = 'µ ≥ 65 %'
f.attrs['fixed'] = np.bytes_(b'fixed length')
f.attrs['integer'] = np.int64(-7)
f.attrs['double'] = 0.1
g.attrs['empty'] = ''
f.close()

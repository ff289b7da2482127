package pades

import "sync"

// bufferSize is the piece in which documents are read.
const bufferSize = 256 << 10

// buffers saves an allocation for each document that is signed or read.
var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

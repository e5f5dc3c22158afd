package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

// maxFile bounds what is read of one file or stream: a device has no end, and longer captures are better cut first.
const maxFile = 256 << 20

// readFile reads the file called path. Of a pipe or a device somebody else decides when it ends: the end of ctx ends
// reading, too.
func readFile(ctx context.Context, path string) ([]byte, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return readAll(ctx, maxFile, func() (io.Reader, error) { return os.Open(path) })
	case st.Size() > maxFile:
		return nil, errTooLong(maxFile)
	}
	return os.ReadFile(path)
}

// readAll reads what open returns until its end, or until ctx ends. In the second case the reader stays behind until
// somebody closes the other end: neither opening a pipe nor a read of a terminal can be interrupted. More than limit octets
// are an error.
func readAll(ctx context.Context, limit int64, open func() (io.Reader, error)) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		in, err := open()
		if err != nil {
			done <- result{nil, err}
			return
		}
		if c, ok := in.(io.Closer); ok {
			defer c.Close()
		}
		data, err := io.ReadAll(io.LimitReader(in, limit+1))
		if err == nil && int64(len(data)) > limit {
			data, err = nil, errTooLong(limit)
		}
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func errTooLong(limit int64) error { return fmt.Errorf("it has more than %d octets", limit) }

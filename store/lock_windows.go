package store

import (
	"os"
	"path/filepath"
	"syscall"
)

// lockFolder takes the folder for this process until the file is closed: nobody may share it. The system closes it when the process ends.
func lockFolder(dir string) (*os.File, error) {
	const sharingViolation = syscall.Errno(32)
	name := filepath.Join(dir, "lock")
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	const alone = 0
	h, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, alone, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err == sharingViolation {
		return nil, ErrInUse
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(h), name), nil
}

// syncFolder does nothing: names need no flushing here.
func syncFolder(string) error { return nil }

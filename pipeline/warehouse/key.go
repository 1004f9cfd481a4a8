package warehouse

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
)

func makeKey(path string) ([]byte, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return nil, keyError(path, err)
	}
	key := []byte(hex.EncodeToString(raw))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, keyError(path, err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, keyError(path, err)
	}
	if _, err := f.Write(append(key, '\n')); err != nil {
		f.Close()
		return nil, keyError(path, err)
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return nil, keyError(path, err)
	}
	return key, f.Close()
}

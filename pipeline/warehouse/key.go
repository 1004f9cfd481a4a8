package warehouse

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
)

// makeKey makes the key on first use; the file is readable by its owner alone.
func makeKey(path string) ([]byte, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return nil, keyError(path, err)
	}
	key := []byte(hex.EncodeToString(raw))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, keyError(path, err)
	}
	// Complete before it has its name, and never in the place of another: a kill leaves no empty key.
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return nil, keyError(path, err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(key, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Link(f.Name(), path)
	}
	if err != nil {
		return nil, keyError(path, err)
	}
	return key, nil
}

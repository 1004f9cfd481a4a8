package jobs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// modes looks at every file of the data directory. The warehouse holds persons' data: there it is grave.
func (d *doctor) modes() {
	if _, err := os.Stat(d.path()); err != nil {
		return
	}
	var open []string
	unreadable, foreign := "", ""
	isGrave := false
	owner := ownerOf(d.path())
	err := filepath.WalkDir(d.path(), func(path string, e fs.DirEntry, err error) error {
		if path == d.Config.Settings.Inbox && e != nil && e.IsDir() {
			return fs.SkipDir // the senders' affair
		}
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) { // a run may have removed it
				unreadable = path
			}
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return nil
		}
		rel, err := filepath.Rel(d.path(), path)
		if err != nil || rel == "." {
			return err
		}
		isArchived := strings.HasPrefix(rel, archiveName+string(filepath.Separator)) // a root's archive keeps the senders as owners
		if foreign == "" && !isArchived && ownerOf(path) != owner {
			foreign = rel
		}
		if mode := info.Mode(); mode.Type() != fs.ModeSymlink && mode.Perm()&^d.allowedMode(rel, e.IsDir()) != 0 {
			line := fmt.Sprintf("%s %04o", rel, mode.Perm())
			if strings.HasPrefix(rel, warehouseName) {
				isGrave = true
				open = slices.Insert(open, 0, line)
			} else {
				open = append(open, line)
			}
		}
		return nil
	})
	switch {
	case err != nil || unreadable != "":
		d.say("modes", Fail, "give everything in the data directory to the user who runs this: chown -R", "%s cannot be looked at", unreadable)
	case len(open) == 0:
		d.say("modes", OK, "", "nobody else can read the files of the data directory; what is published has mode %04o", d.Config.Settings.PublishedMode)
	default:
		verdict := Warn
		if isGrave {
			verdict = Fail
		}
		d.say("modes", verdict, "chmod go-rwx them", "files and folders that others may open: %d, as %s", len(open), strings.Join(open[:min(3, len(open))], ", "))
	}
	d.owner(owner, foreign)
}

// owner tells of what somebody did as another user, which the service then cannot read.
func (d *doctor) owner(owner int, foreign string) {
	switch {
	case foreign != "":
		d.say("owner", Fail, "chown -R --reference="+d.path()+" "+d.path()+": somebody ran a command as another user", "%s belongs to another user than the data directory", foreign)
	case owner != os.Geteuid():
		d.say("owner", Warn, "ask doctor as the user who runs the service", "the data directory belongs to another user than the one who asks")
	}
}

func ownerOf(path string) int {
	info, err := os.Lstat(path)
	if err != nil {
		return -1
	}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(sys.Uid)
	}
	return -1
}

func (d *doctor) allowedMode(rel string, isDir bool) fs.FileMode {
	isPublished := rel == "published" || strings.HasPrefix(rel, "published"+string(filepath.Separator))
	switch {
	case isPublished && isDir && d.Config.Settings.PublishedMode&0o040 != 0:
		return 0o750
	case isPublished && !isDir:
		return d.Config.Settings.PublishedMode | 0o600
	}
	return 0o700
}

// secrets looks at the files that hold a key or a password.
func (d *doctor) secrets() {
	key := d.Config.Settings.KeyFile
	info, err := os.Stat(key)
	_, warehouseErr := os.Stat(d.WarehousePath())
	switch {
	case errors.Is(err, fs.ErrNotExist) && warehouseErr == nil:
		d.say("pseudonym key", Warn, "if the key comes from CLAIMSAUDIT_PSEUDONYM_KEY all is well; else restore it from the backup before the next run, which makes a new one and with it new pseudonyms",
			"%s does not exist, the warehouse does", key)
	case errors.Is(err, fs.ErrNotExist):
		d.say("pseudonym key", OK, "", "%s is made by the first run", key)
	case err != nil:
		d.say("pseudonym key", Fail, "let this user read it", "%s: %v", key, err)
	default:
		d.secretFile("pseudonym key", key, info)
	}
	if file := d.Config.Operation.Mail.PasswordFile; file != "" && d.Config.Operation.Mail.Enabled() {
		if info, err := os.Stat(file); err != nil {
			d.say("mail password", Fail, "write the password into it, mode 0600", "%s: %v", file, err)
		} else {
			d.secretFile("mail password", file, info)
		}
	}
}

func (d *doctor) secretFile(name, path string, info fs.FileInfo) {
	if info.Mode().Perm()&0o077 != 0 {
		d.say(name, Fail, "chmod 600 "+path+"; no run starts until then", "%s has mode %04o: others may read it", path, info.Mode().Perm())
		return
	}
	if f, err := os.Open(path); err != nil {
		d.say(name, Fail, "let this user, and nobody else, read it", "%s: %v", path, err)
		return
	} else if err := f.Close(); err != nil {
		d.say(name, Fail, "see that the disk works", "%s: %v", path, err)
		return
	}
	d.say(name, OK, "", "%s, mode %04o", path, info.Mode().Perm())
}

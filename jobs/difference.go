package jobs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// difference is a field in which two manifests differ.
type difference struct{ field, want, got string }

// differences compares two manifests and names every field, file or table in which they differ, in order.
func differences(want, got manifest) []difference {
	return differ("", plain(want), plain(got))
}

// plain takes a value apart into maps, lists and scalars.
func plain(m manifest) (value any) {
	text, err := json.Marshal(m)
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil {
		panic("jobs: manifest: " + err.Error()) // plain data always marshals
	}
	return value
}

func differ(field string, want, got any) []difference {
	wantMap, ok1 := want.(map[string]any)
	gotMap, ok2 := got.(map[string]any)
	if ok1 && ok2 {
		keys := maps.Clone(wantMap)
		maps.Copy(keys, gotMap)
		var all []difference
		for _, key := range sortedKeys(keys) {
			all = append(all, differ(joined(field, key), wantMap[key], gotMap[key])...)
		}
		return all
	}
	wantList, ok1 := want.([]any)
	gotList, ok2 := got.([]any)
	if ok1 && ok2 {
		for i := range min(len(wantList), len(gotList)) {
			if d := differ(joined(field, fmt.Sprint(i+1)), wantList[i], gotList[i]); d != nil {
				return d
			}
		}
		if len(wantList) != len(gotList) {
			return []difference{{field, fmt.Sprintf("%d of them", len(wantList)), fmt.Sprint(len(gotList))}}
		}
		return nil
	}
	if w, g := shown(want), shown(got); w != g {
		return []difference{{field, w, g}}
	}
	return nil
}

func joined(field, key string) string {
	if field == "" {
		return key
	}
	return field + " " + key
}

func shown(value any) string {
	if value == nil {
		return "nothing"
	}
	if text, ok := value.(string); ok {
		return orNothing(text)
	}
	text, _ := json.Marshal(value) // it came from JSON
	return string(text)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

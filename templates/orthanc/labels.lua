-- Puts the collections' labels on studies by their tags, once a study has been complete for StableAge seconds,
-- whether it came by C-STORE, STOW-RS or the web page. It takes no label away, and gives each of its labels
-- once: a label that a person removes stays away, even where more of the study arrives.
--
-- A study fits a rule where one of its series carries every tag of the rule; of each series one instance is read.
-- Instances that a modality sent can be read at any time. Instances that came over the web are read only where the
-- whole study did, and only those that came first, before the study was complete: else anybody who may add an object to
-- a study could choose its labels.
-- Capital and small letters are the same. A tag of several values fits by any one of them or by all of them with
-- `\` between. `*` stands for anything, `?` for one character, `|` separates alternatives. A tag that is missing or
-- empty, a sequence, and a value longer than 256 bytes (Orthanc does not show it) never fit.

-- The rules of the profile, and what goes with them. Orthanc runs labels-settings.lua before this script.
local RULES = LabelsSettings.rules

-- The small letters of those in the patterns that string.lower does not know, because it knows ASCII only.
local SMALL = LabelsSettings.small

-- The metadata of a study in which its labels are noted.
local MARK = LabelsSettings.mark

-- For how many seconds nothing arrives before a study is complete (StableAge).
local STABLE_AGE = LabelsSettings.stableAge

-- How many levels of a JSON text are read: nothing that is asked for here is deeper.
local DEEPEST = 4

-- How many of the newest changes are looked through after a start, and how many at a time.
local LOOK_BACK, PAGE = 50000, 1000

-- The characters of a text, each as its UTF-8 bytes and in small letters.
local function characters(text)
  local found = {}
  for character in string.gmatch(text, '[^\128-\191][\128-\191]*') do
    found[#found + 1] = SMALL[character] or string.lower(character)
  end
  return found
end

for _, rule in ipairs(RULES) do
  for _, tag in ipairs(rule.tags) do
    for index, pattern in ipairs(tag.patterns) do
      tag.patterns[index] = characters(pattern)
    end
  end
end

local function matches(text, pattern)
  -- On a mismatch the last star takes one character more; earlier stars never have to be tried again.
  local t, p, star, taken = 1, 1, nil, nil
  while t <= #text do
    if pattern[p] == '*' then
      star, taken = p, t
      p = p + 1
    elseif pattern[p] ~= nil and (pattern[p] == '?' or pattern[p] == text[t]) then
      t, p = t + 1, p + 1
    elseif star ~= nil then
      taken = taken + 1
      t, p = taken, star + 1
    else
      return false
    end
  end
  while pattern[p] == '*' do
    p = p + 1
  end
  return p > #pattern
end

-- Without the blanks that DICOM pads with.
local function trimmed(text)
  return string.match(text, '^%s*(.-)%s*$')
end

local function valuesOf(text)
  local values = { trimmed(text) }
  if string.find(text, '\\', 1, true) then
    for part in string.gmatch(text .. '\\', '([^\\]*)\\') do
      values[#values + 1] = trimmed(part)
    end
  end
  return values
end

local function tagFits(text, patterns)
  for _, value in ipairs(text and valuesOf(text) or {}) do
    for _, pattern in ipairs(patterns) do
      -- Separators alone are no value either.
      if string.find(value, '[^\\%s]') and matches(characters(value), pattern) then
        return true
      end
    end
  end
  return false
end

local function ruleFits(tags, rule)
  for _, tag in ipairs(rule.tags) do
    if not tagFits(tags[tag.name], tag.patterns) then
      return false
    end
  end
  return true
end

-- The place of the quotation mark that ends the JSON text which begins at `place`.
local function endOfText(json, place)
  local last = string.find(json, '["\\]', place + 1)
  while last and string.sub(json, last, last) == '\\' do
    last = string.find(json, '["\\]', last + 2)
  end
  return last or #json
end

-- JSON without what is nested deeper than `DEEPEST` levels, which becomes `null`.
local function shallow(json)
  local parts, depth, copied = {}, 0, 1
  local place = string.find(json, '["%[%]{}]')
  while place do
    local character = string.sub(json, place, place)
    if character == '"' then
      place = endOfText(json, place)
    elseif character == '{' or character == '[' then
      depth = depth + 1
      if depth == DEEPEST + 1 then
        parts[#parts + 1] = string.sub(json, copied, place - 1) .. 'null'
      end
    else
      if depth == DEEPEST + 1 then
        copied = place + 1
      end
      depth = depth - 1
    end
    place = string.find(json, '["%[%]{}]', place + 1)
  end
  return table.concat(parts) .. string.sub(json, copied)
end

-- The value of a JSON text. Orthanc (1.13.0) keeps every level of it on Lua's stack without a look at the stack's size: a
-- structured report, whose items have items, would end Orthanc, and again at each start.
local function parsed(json)
  return ParseJson(shallow(json))
end

local function get(path)
  local answer = RestApiGet(path, true)
  return answer and parsed(answer)
end

-- The tags of an instance, by keyword and by number.
local function tagsOf(instance)
  local tags = {}
  for number, tag in pairs(get('/instances/' .. instance .. '/tags') or {}) do
    if tag.Type == 'String' then
      tags[string.lower(number)] = tag.Value
      tags[tag.Name] = tag.Value
    end
  end
  return tags
end

-- Orthanc writes `20261127T014704`. Without summer time, so that every hour of a year is there once.
local function secondsOf(date)
  local year, month, day, hour, min, sec = string.match(date or '', '^(%d%d%d%d)(%d%d)(%d%d)T(%d%d)(%d%d)(%d%d)$')
  return year and os.time({
    year = tonumber(year), month = tonumber(month), day = tonumber(day),
    hour = tonumber(hour), min = tonumber(min), sec = tonumber(sec), isdst = false,
  })
end

-- The instances of a series in an order that does not depend on when they came, with the way and the time of each.
local function instancesOf(series)
  local query = '{"Level": "Instance", "Query": {}, "ParentSeries": "' .. series .. '", "ResponseContent": ["Metadata"]}'
  local metadata = {}
  for _, instance in ipairs(parsed(RestApiPost('/tools/find', query, true) or '[]')) do
    metadata[instance.ID] = instance.Metadata
  end
  local found = {}
  for _, id in ipairs((get('/series/' .. series) or {}).Instances or {}) do
    local known = metadata[id] or {}
    found[#found + 1] = { id = id, byDicom = known.Origin == 'DicomProtocol', at = secondsOf(known.ReceptionDate) }
  end
  table.sort(found, function(one, other) return one.id < other.id end)
  return found
end

-- When the last instance came before the study was complete for the first time; nil where one of them came by DICOM,
-- or nobody knows when it came.
local function endOfFirstArrival(allSeries)
  local times = {}
  for _, instances in ipairs(allSeries) do
    for _, instance in ipairs(instances) do
      if instance.byDicom or not instance.at then
        return nil
      end
      times[#times + 1] = instance.at
    end
  end
  table.sort(times)
  local last = times[1]
  for _, time in ipairs(times) do
    if time - last >= STABLE_AGE then
      break
    end
    last = time
  end
  return last
end

-- Of each series one instance that may speak for the study: the first by its id, the same each time.
local function witnessesOf(study)
  local allSeries, witnesses = {}, {}
  for _, series in ipairs(study.Series) do
    allSeries[#allSeries + 1] = instancesOf(series)
  end
  local last = endOfFirstArrival(allSeries)
  for _, instances in ipairs(allSeries) do
    for _, instance in ipairs(instances) do
      if instance.byDicom or (last and instance.at <= last) then
        witnesses[#witnesses + 1] = instance.id
        break
      end
    end
  end
  return witnesses
end

local function set(names)
  local members = {}
  for _, name in ipairs(names) do
    members[name] = true
  end
  return members
end

-- The labels that `given` does not hold and whose rules the study fits, in the order of the rules.
local function labelsFor(study, given)
  local open, found = {}, {}
  for _, rule in ipairs(RULES) do
    if not given[rule.label] then
      open[#open + 1] = rule
    end
  end
  -- Nothing left to give: no file is read.
  for _, instance in ipairs(#open > 0 and witnessesOf(study) or {}) do
    local tags = tagsOf(instance)
    for _, rule in ipairs(open) do
      if not given[rule.label] and ruleFits(tags, rule) then
        given[rule.label] = true
        found[#found + 1] = rule.label
      end
    end
  end
  return found
end

-- The mark holds when the study had last changed when it was looked at, and the labels that it was given then.
local function gather(id, metadata)
  local study = get('/studies/' .. id)
  if not study then
    return
  end
  local names = {}
  for name in string.gmatch(string.match(metadata[MARK] or '', ' (.*)$') or '', '[^,]+') do
    names[#names + 1] = name
  end
  local has = set(study.Labels or {})
  for _, label in ipairs(labelsFor(study, set(names))) do
    if has[label] then
      names[#names + 1] = label
    elseif RestApiPut('/studies/' .. id .. '/labels/' .. label, '', true) then
      names[#names + 1] = label
      print('Study ' .. id .. ' gets the label ' .. label .. ' by its tags')
    end
  end
  table.sort(names)
  local mark = (metadata.LastUpdate or '') .. ' ' .. table.concat(names, ',')
  if mark ~= metadata[MARK] then
    RestApiPut('/studies/' .. id .. '/metadata/' .. MARK, mark, true)
  end
end

function OnStableStudy(id, tags, metadata)
  gather(id, metadata)
end

-- What had not become stable when Orthanc stopped never will: it forgets what was still arriving. So the newest
-- studies are looked at again after a start, except those that have not changed since they were looked at.
function Initialize()
  local last = (get('/changes?last') or {}).Last or 0
  local studies = {}
  for since = math.max(0, last - LOOK_BACK), last - 1, PAGE do
    local page = get(string.format('/changes?since=%d&limit=%d', since, PAGE)) or {}
    for _, change in ipairs(page.Changes or {}) do
      if change.ChangeType == 'NewStudy' then
        studies[change.ID] = true
      elseif change.ChangeType == 'NewSeries' then
        local series = get('/series/' .. change.ID)
        if series then
          studies[series.ParentStudy] = true
        end
      end
    end
  end
  for id in pairs(studies) do
    local metadata = get('/studies/' .. id .. '/metadata?expand')
    if metadata and string.match(metadata[MARK] or '', '^%S*') ~= metadata.LastUpdate then
      gather(id, metadata)
    end
  end
end

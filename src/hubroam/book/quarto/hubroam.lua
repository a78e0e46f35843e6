-- Puts the launch control of hubroam on each page of a Quarto book or site that can run.
--
-- Settings: `launch:` in _quarto.yml or in a page, else repo-url, repo-branch and repo-subdir of
-- `website:` or `book:`.  Pandoc's Lua only; what Quarto adds is `quarto.doc`, `quarto.log` and
-- `quarto.project`.

local text = pandoc.utils.stringify

-- Binder's prefix for a forge, the forge's address; and whether a spec encodes its repository
local forges = {
  { prefix = "gh", host = "github.com" },
  { prefix = "gl", host = "gitlab.com" },
}
local thebe = "https://cdn.jsdelivr.net/npm/thebe-core@0.5.0/dist/lib/"
local encoded = { gh = false, gl = true, git = true }

local known = {
  repo = true, provider = true, ref = true, path = true, urlpath = true, environment = true,
  hubs = true, binder = true, label = true, live = true,
}

-- where the words of the document stand is not known to a filter; its file is
local function warn(message)
  quarto.log.warning("hubroam: " .. tostring(quarto.doc.input_file) .. ": " .. message)
end

local function encode(value)
  return (value:gsub("[^%w%-_.~]", function(c) return string.format("%%%02X", c:byte()) end))
end

local function encode_path(path)
  return (encode(path):gsub("%%2F", "/"))
end

local function escape(value)
  local names = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
  return (value:gsub('[&<>"]', names))
end

-- A setting's text; nil where there is none.
local function word(settings, name)
  local value = settings[name]
  if value == nil or type(value) == "boolean" then return nil end
  local words = text(value):gsub("^%s+", ""):gsub("%s+$", "")
  return words ~= "" and words or nil
end

-- {provider, repo, ref, raw, url}; nil and a sentence where the words name no repository.
local function repository(repo, provider, ref)
  repo = repo:gsub("/$", ""):gsub("%.git$", "")
  if not provider and repo:match("^[%w_.-]+/[%w_.-]+$") then provider = "gh" end
  for _, forge in ipairs(forges) do
    local path = repo:match("^https?://" .. forge.host:gsub("%.", "%%.") .. "/(.+)$")
    if path then
      local name, branch = path:match("^(.-)/%-?/?tree/(.+)$")
      provider, repo, ref = forge.prefix, name or path, ref or branch
    end
  end
  if not provider and repo:match("^https?://[^/]+/.+") then provider = "git" end
  local named = provider ~= "gh" or repo:match("^[%w_.-]+/[%w_.-]+$")
  if encoded[provider] == nil or not named then
    return nil, "launch: " .. (provider or repo) .. " is no repository that can be launched here."
  end
  ref = ref or "HEAD"
  local raw = provider .. "/" .. (encoded[provider] and encode(repo) or repo) .. "/" .. ref
  local url = repo
  for _, forge in ipairs(forges) do
    if forge.prefix == provider then url = "https://" .. forge.host .. "/" .. repo end
  end
  return { provider = provider, repo = repo, ref = ref, raw = raw, url = url }
end

local function outside(place)
  local path = place .. "/"
  return path:match("^%.%./") or path:match("/%.%./") or place:match("^%a[%w+.-]*:")
end

-- The repository of the environment, where it is another, and the folder of its recipe; a sentence
-- as the third where they are not as they must be.
local function recipe(environment)
  if environment == nil then return nil end
  if pandoc.utils.type(environment) ~= "table" then environment = { repo = environment } end
  for name in pairs(environment) do
    if not ({ repo = 1, provider = 1, ref = 1, path = 1 })[name] then
      return nil, nil, "launch.environment has no setting " .. name .. "."
    end
  end
  local repo, folder = word(environment, "repo"), word(environment, "path")
  folder = folder and folder:gsub("^/+", ""):gsub("/+$", "")
  if folder and outside(folder) then
    return nil, nil, "launch.environment: " .. folder .. " is outside of the repository."
  end
  local provider, ref = word(environment, "provider"), word(environment, "ref")
  if not repo then
    local missing = (provider or ref or not folder) and "launch.environment names no repo." or nil
    return nil, folder, missing
  end
  local env, problem = repository(repo, provider, ref)
  return env, folder, problem
end

-- Below a session of another environment, by nbgitpuller: the content and its file.
local function pulled(content, path, urlpath)
  local folder = encode(content.url:match("([^/]+)/*$"))
  local place = urlpath or ("lab/tree/" .. folder .. (path and "/" .. encode_path(path) or ""))
  local branch = content.ref ~= "HEAD" and "&branch=" .. encode(content.ref) or ""
  return "git-pull?repo=" .. encode(content.url) .. branch .. "&urlpath=" .. encode(place)
end

-- The page's file below the project, without the project's folder; nil for a page that cannot run.
local function source(blocks)
  local input = pandoc.path.normalize(quarto.doc.input_file)
  local root = quarto.project.directory
  local name = root and pandoc.path.make_relative(input, root) or pandoc.path.filename(input)
  local notebook = input:gsub("%.[^.]+$", ".ipynb")
  local file = io.open(notebook)
  if file then
    file:close()
    return (name:gsub("%.[^.]+$", ".ipynb"))
  end
  local cells = false
  blocks:walk({ Div = function(div) cells = cells or div.classes:includes("cell") end })
  return cells and name or nil
end

-- What is said of the launch, ours before the site's own links to its repository.
local function said(meta)
  local launch = meta.launch
  if type(launch) == "boolean" then
    if not launch then return nil end
    launch = {}
  elseif launch ~= nil and pandoc.utils.type(launch) ~= "table" then
    warn("launch is neither true, false nor a mapping of settings.")
    return nil
  end
  local settings = {}
  for name, value in pairs(launch or {}) do
    if not known[name] then
      warn("launch has no setting " .. name .. " in Quarto.")
      return nil
    end
    settings[name] = value
  end
  local site = meta.book or meta.website or {}
  if not settings.repo and pandoc.utils.type(site) == "table" then
    settings.repo = site["repo-url"]
    settings.ref = settings.ref or site["repo-branch"]
  end
  local subdir = pandoc.utils.type(site) == "table" and site["repo-subdir"]
  return settings, subdir and text(subdir):gsub("^/", ""):gsub("/$", "") or nil
end

-- The control's attributes and the plain link; nil where the page shows nothing.
local function launch(doc)
  local settings, subdir = said(doc.meta)
  if not settings then return nil end
  local path, urlpath = word(settings, "path"), word(settings, "urlpath")
  if not path and not urlpath then
    path = source(doc.blocks)
    if path and subdir then path = subdir .. "/" .. path end
    if not path and doc.meta.launch ~= true then return nil end
  end
  if not word(settings, "repo") then
    warn("nothing says which repository the book is in; set repo-url, or launch: {repo: user/repo}.")
    return nil
  end
  local place = (path or urlpath or ""):gsub("^/", "")
  if outside(place) then
    warn("launch: " .. place .. " is outside of the repository.")
    return nil
  end
  local content, problem =
    repository(word(settings, "repo"), word(settings, "provider"), word(settings, "ref"))
  local env, folder
  if content then env, folder, problem = recipe(settings.environment) end
  if problem then
    warn(problem)
    return nil
  end
  local hubs = settings.hubs
  if pandoc.utils.type(hubs) == "List" then
    hubs = pandoc.List(hubs):map(text)
    hubs = table.concat(hubs, " ")
  else
    hubs = word(settings, "hubs")
  end
  local attributes = {
    { "provider", content.provider }, { "repo", content.repo }, { "ref", content.ref },
    { "path", path and place }, { "urlpath", not path and urlpath and place or nil },
    { "env-provider", env and env.provider }, { "env-repo", env and env.repo },
    { "env-ref", env and env.ref }, { "env-path", folder },
    { "hubs", hubs }, { "label", word(settings, "label") },
  }
  local binder = (word(settings, "binder") or "https://mybinder.org"):gsub("/$", "")
  local link = binder .. "/v2/" .. (env or content).raw
  if env then
    link = link .. "?urlpath=" .. encode(pulled(content, path, urlpath))
  elseif place ~= "" then
    link = link .. (path and "?labpath=" or "?urlpath=") .. encode(place)
  end
  if folder then link = link .. (link:find("?", 1, true) and "&" or "?") .. "envpath=" .. encode(folder) end
  local live = word(settings, "live")
  if live == "cdn" then live = thebe end
  if live and not (live:match("^https?://[%w.-]+[:/]?") or live:match("^/[^/]")) then
    warn("live is neither an address nor a path from the site's root.")
    live = nil
  end
  return attributes, link, word(settings, "label") or "Launch", live
end

function Pandoc(doc)
  local attributes, link, label, live = launch(doc)
  if not attributes then return nil end
  if not quarto.doc.is_format("html:js") then
    doc.blocks:insert(1, pandoc.Para({ pandoc.Link(label, link) }))
    return doc
  end
  local scripts, resources = {}, {}
  for name, languages in pairs({ ["hub-launch.js"] = "lang-", ["hub-live.js"] = live and "live-lang-" }) do
    table.insert(scripts, { path = name, attribs = { type = "module" } })
    for _, language in ipairs({ "de", "es", "fr" }) do
      local file = languages .. language .. ".js"
      table.insert(resources, { name = file, path = file })
    end
  end
  quarto.doc.add_html_dependency({
    name = "hubroam", version = "0.1.0", scripts = scripts, resources = resources,
  })
  local element = "<hub-launch"
  for _, pair in ipairs(attributes) do
    if pair[2] then element = element .. " " .. pair[1] .. '="' .. escape(pair[2]) .. '"' end
  end
  local inner = '<a href="' .. escape(link) .. '" rel="noopener">' .. escape(label) .. "</a>"
  element = element .. ">" .. inner .. "</hub-launch>"
  if live then element = element .. '<hub-live thebe="' .. escape(live) .. '"></hub-live>' end
  doc.blocks:insert(1, pandoc.RawBlock("html", element))
  return doc
end

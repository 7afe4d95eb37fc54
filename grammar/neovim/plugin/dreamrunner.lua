-- Stories in Neovim 0.10 or newer: the grammar, compiled at its first use, with colours and folds, and the language server.
--
-- vim.g.dreamrunner_command names the command where it is not in PATH, as a list of words.

if vim.g.loaded_dreamrunner then
  return
end
vim.g.loaded_dreamrunner = true

local here = vim.fs.dirname(vim.fs.dirname(debug.getinfo(1, "S").source:sub(2)))
local grammar = vim.fs.dirname(vim.fn.fnamemodify(here, ":p"):gsub("/$", "")) .. "/tree-sitter-story"
local parser = vim.fn.stdpath("data") .. "/dreamrunner/story.so"

vim.filetype.add({ extension = { story = "dreamrunner" } })
vim.treesitter.language.register("story", "dreamrunner")

-- Whether the compiled grammar is there and no older than its source; compiles it where it is not.
local function compiled()
  local built, newest = vim.fn.getftime(parser), -1
  for _, name in ipairs({ "parser.c", "scanner.c" }) do
    newest = math.max(newest, vim.fn.getftime(grammar .. "/src/" .. name))
  end
  if built >= newest and built >= 0 then
    return true
  end
  vim.fn.mkdir(vim.fs.dirname(parser), "p")
  local made = parser .. "." .. vim.fn.getpid()
  local source = grammar .. "/src"
  local compiler = vim.env.CC or "cc"
  if vim.fn.executable(compiler) == 1 then
    vim.fn.system({
      compiler, "-O2", "-fPIC", "-shared", "-I", source, "-o", made, source .. "/parser.c", source .. "/scanner.c",
    })
    if vim.v.shell_error == 0 and vim.uv.fs_rename(made, parser) then
      return true
    end
  end
  return false, compiler
end

local known
local function grammar_known()
  if known == nil then
    local ready, compiler = compiled()
    known = ready and pcall(vim.treesitter.language.add, "story", { path = parser })
    if not known then
      vim.notify("DreamRunner: the grammar of stories can't be compiled with " .. (compiler or parser), vim.log.levels.WARN)
    else
      for _, query in ipairs({ "highlights", "folds", "injections", "locals", "indents" }) do
        local file = grammar .. "/queries/" .. query .. ".scm"
        vim.treesitter.query.set("story", query, table.concat(vim.fn.readfile(file), "\n"))
      end
    end
  end
  return known
end

vim.api.nvim_create_autocmd("FileType", {
  pattern = "dreamrunner",
  callback = function(event)
    vim.bo[event.buf].commentstring = "# %s"
    vim.bo[event.buf].expandtab = true
    vim.bo[event.buf].shiftwidth = 2
    if grammar_known() then
      vim.treesitter.start(event.buf, "story")
      vim.wo[0][0].foldmethod = "expr"
      vim.wo[0][0].foldexpr = "v:lua.vim.treesitter.foldexpr()"
      vim.wo[0][0].foldlevel = 99
    end
    local command = vim.g.dreamrunner_command or { "dreamrunner" }
    if vim.fn.executable(command[1]) == 1 then
      vim.lsp.start({ name = "dreamrunner", cmd = vim.list_extend(vim.deepcopy(command), { "lsp" }) })
    end
  end,
})

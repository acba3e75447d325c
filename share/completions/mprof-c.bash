# bash completion for mprof-c: the commands and options are asked of the program itself.

# What the option $1 takes, as told by $options: its placeholder in `takes`, the words it may be in `values`.
_mprof_c_option()
{
	local names help words word
	takes= values=
	while IFS=$'\t' read -r names help words; do
		for word in $names; do
			[[ $word == "$1" ]] || continue
			[[ ${names##* } == -* ]] || { takes=${names##* }; values=$words; }
			return 0
		done
	done <<<"$options"
	return 1
}

_mprof_c_offer()
{
	local word
	for word; do
		[[ $word != "$cur"* ]] || COMPREPLY+=("$word")
	done
}

# One more of the words $1, which commas part, behind those that $cur has.
_mprof_c_list()
{
	local before=${cur%"${cur##*,}"} word
	for word in ${1//,/ }; do
		[[ ,$before == *,"$word",* ]] || _mprof_c_offer "$before$word"
	done
}

# Files whose names end so, and folders. What is quoted is left to the shell's own completion.
_mprof_c_files()
{
	local ending file
	local -a found=()
	[[ $cur != *[\\\'\"\$\`~]* ]] || return
	for ending; do
		while IFS= read -r -d '' file; do
			found+=("${file%/}")
		done < <(shopt -s nullglob; shopt -u failglob; set -- "$cur"*"$ending"; (($# == 0)) || printf '%s\0' "$@")
	done
	((${#found[@]} == 0)) || { COMPREPLY+=("${found[@]}"); compopt -o filenames 2>/dev/null; }
}

_mprof_c_recordings()
{
	local -a here=()
	local i
	if [[ $cur =~ ^-?[0-9]*$ ]]; then
		while IFS= read -r -d '' i; do
			[[ ! $i =~ ^mprofile_[0-9]{14}\.dat(\.gz)?$ ]] || here+=("$i")
		done < <(shopt -s nullglob; shopt -u failglob; set -- mprofile_*; (($# == 0)) || printf '%s\0' "$@")
		for ((i = 0; i < ${#here[@]}; i++)); do
			if [[ $cur == -* ]]; then _mprof_c_offer $((-i - 1)); else _mprof_c_offer "$i"; fi
		done
	fi
	_mprof_c_files .dat .dat.gz /
}

_mprof_c_processes()
{
	local folder name
	for folder in /proc/[0-9]*; do
		_mprof_c_offer "${folder##*/}"
		{ IFS= read -r name <"$folder/comm"; } 2>/dev/null || continue
		[[ ! $name =~ ^[[:alnum:]_][[:alnum:]._+-]*$ || -z $cur ]] || _mprof_c_offer "$name"
	done
}

# The place of the first operand: the recorded program, which ends the options. 0: not yet given.
_mprof_c_program()
{
	local i word
	for ((i = 2; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--) ((i + 1 < COMP_CWORD)) && echo $((i + 1)) || echo 0; return ;;
		--*) [[ ${COMP_WORDS[i + 1]-} == = ]] && { ((i += 2)); continue; } ;;
		-?*) word=-${word: -1} ;;
		*) echo "$i"; return ;;
		esac
		_mprof_c_option "$word" && [[ -n $takes ]] && ((i++))
	done
	echo 0
}

_mprof_c_operands()
{
	local at
	case $usage in
	*PROFILE* | *INDEX*)
		_mprof_c_recordings
		[[ $usage != *SNAPSHOT* ]] || _mprof_c_files .pickle .pickle.gz
		[[ $usage != *PID* || -z $cur ]] || _mprof_c_processes
		;;
	*PID*) _mprof_c_processes ;;
	*DIR*) _mprof_c_files / ;;
	*PROGRAM* | *SCRIPT*)
		at=$(_mprof_c_program)
		if ((at == 0)); then
			[[ -z $cur || $cur == */* || $usage == *SCRIPT* ]] || mapfile -t COMPREPLY < <(compgen -c -- "$cur")
			_mprof_c_files ""
		elif declare -F _comp_command_offset >/dev/null; then
			_comp_command_offset "$at"
		elif declare -F _command_offset >/dev/null; then
			_command_offset "$at"
		fi
		;;
	*) compopt +o default 2>/dev/null ;;
	esac
}

_mprof_c()
{
	local cur=$2 prev=$3 command=${COMP_WORDS[1]} options takes values names help usage
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		while IFS=$'\t' read -r names help; do
			_mprof_c_offer "$names"
		done < <("$1" --commands 2>/dev/null)
		[[ $cur != -* ]] || _mprof_c_offer --help --version
		return
	fi
	options=$("$1" "$command" --options 2>/dev/null) || return
	usage=$("$1" --commands 2>/dev/null | while IFS=$'\t' read -r names help usage; do
		[[ $names != "$command" ]] || echo "$usage"
	done)
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if [[ $usage == *@(PROGRAM|SCRIPT)* && $(_mprof_c_program) != 0 ]]; then
		_mprof_c_operands
	elif [[ $prev == -* ]] && _mprof_c_option "$prev" && [[ -n $takes ]]; then
		if [[ $values == *,* ]]; then
			_mprof_c_list "$values"
		elif [[ -n $values ]]; then
			_mprof_c_offer $values
		elif [[ $takes == DIR ]]; then
			mapfile -t COMPREPLY < <(compgen -d -- "$cur")
			compopt -o filenames +o default 2>/dev/null
		elif [[ $takes != FILE ]]; then
			compopt +o default 2>/dev/null
		fi
	elif [[ $cur == -* ]]; then
		while IFS=$'\t' read -r names help; do
			for help in $names; do
				[[ $help != -* ]] || _mprof_c_offer "$help"
			done
		done <<<"$options"
		[[ ! $cur =~ ^-[0-9]*$ ]] || _mprof_c_operands
	else
		_mprof_c_operands
	fi
}

complete -o default -F _mprof_c mprof-c

import {
  Catch,
  Controller,
  Get,
  HttpException,
  Inject,
  Injectable,
  Scope,
  UseFilters,
  Sse,
  UseInterceptors,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost, LazyModuleLoader, REQUEST } from '@nestjs/core';
import { interval, map, of, type Observable } from 'rxjs';
import {
  accessTokenOf,
  OptionalToken,
  Public,
  RequireAcr,
  RequireFreshLogin,
  RequirePolicy,
  RequireScopes,
  type AccessToken,
  type TokenPolicy,
} from '@latchkey/resource-server';

/**
 * Made anew for each request, before any guard runs, and so are the controllers that depend on it: whose token it is can be
 * asked later only.
 */
@Injectable({ scope: Scope.REQUEST })
export class Caller {
  constructor(@Inject(REQUEST) private readonly request: object) {}

  get subject(): string | null {
    return accessTokenOf(this.request)?.subject ?? null;
  }
}

@Controller({ path: 'scoped-to-request', scope: Scope.REQUEST })
export class RequestController {
  @Get()
  @RequireScopes('read')
  read() {
    return { by: 'request' };
  }
}

@Controller('caller')
export class CallerController {
  constructor(@Inject(Caller) private readonly caller: Caller) {}

  @Get()
  @RequireScopes('read')
  read() {
    return { by: 'caller', caller: this.caller.subject };
  }

  @Get('ruled')
  ruled() {
    return { by: 'caller ruled' };
  }
}

@Controller({ path: 'by-host', host: 'api.example.test' })
export class HostController {
  @Get()
  read() {
    return { by: 'host' };
  }
}

/** Answers in place of the handler. */
@Injectable()
export class AnsweringInterceptor implements NestInterceptor {
  intercept(): Observable<unknown> {
    return of({ by: 'interceptor' });
  }
}

@UseInterceptors(AnsweringInterceptor)
@Controller('intercepted')
export class InterceptedController {
  @Get()
  @RequireScopes('read')
  read() {
    return { by: 'never' };
  }
}

/** As many applications have one: it knows statuses and bodies, and no headers. */
@Catch()
export class OwnFilter implements ExceptionFilter {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const status = error instanceof HttpException ? error.getStatus() : 500;
    this.host.httpAdapter.reply(host.switchToHttp().getResponse(), { by: 'filter', status }, status);
  }
}

@UseFilters(OwnFilter)
@Controller('filtered')
export class FilteredController {
  @Get()
  @RequireScopes('write')
  read() {
    return { by: 'filtered' };
  }
}

@Injectable()
export class LateGreeting {
  readonly text = 'late';
}

@Controller('lazy')
export class LazyController {
  constructor(@Inject(LazyModuleLoader) private readonly loader: LazyModuleLoader) {}

  @Get()
  @RequireScopes('read')
  async read() {
    class LateModule {}
    const module = await this.loader.load(() => ({ module: LateModule, providers: [LateGreeting] }));
    return { by: module.get(LateGreeting).text };
  }
}

@Controller('events')
export class EventsController {
  @Sse()
  events(): Observable<{ data: string }> {
    return interval(20).pipe(map((count) => ({ data: String(count) })));
  }
}

/** A guard of the application, which runs behind ours: no request, public, or the token is not the one of Mallory. */
@Injectable()
export class OwnGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    return accessTokenOf(context.switchToHttp().getRequest<object>())?.subject !== 'mallory';
  }
}

@Controller('guarded')
export class GuardedController {
  @Get()
  read() {
    return { by: 'guarded' };
  }

  @Get('open')
  @Public()
  open() {
    return { by: 'guarded open' };
  }
}

/** The token is not the one of Mallory. */
@Injectable()
export class NotMallory implements TokenPolicy {
  can({ subject }: AccessToken): boolean {
    return subject !== 'mallory';
  }
}

@Controller('special')
export class SpecialController {
  @Get('optional')
  @OptionalToken()
  optional() {
    return { by: 'optional' };
  }

  @Get('optional/scoped')
  @OptionalToken()
  @RequireScopes('read')
  scoped() {
    return { by: 'scoped beside optional' };
  }

  @Get('strong')
  @RequireAcr('urn:strong')
  strong() {
    return { by: 'strong' };
  }

  @Get('fresh')
  @RequireFreshLogin(600)
  fresh() {
    return { by: 'fresh' };
  }

  @Get('policy')
  @RequirePolicy(NotMallory)
  policy() {
    return { by: 'policy' };
  }
}
